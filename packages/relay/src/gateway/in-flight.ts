import type { FastifyReply } from 'fastify';
import { RelayError } from '../errors.ts';

/**
 * Queries in progress: bounded, and cancelled when their caller hangs up or when the gateway closes and stops waiting.
 */
export interface InFlight {
  /**
   * Runs a query on behalf of a reply.
   *
   * @throws RelayError OVERLOADED when too many are running
   */
  run<T>(reply: FastifyReply, work: (signal: AbortSignal) => Promise<T>): Promise<T>;
  /** Number of running queries. */
  size(): number;
  abortAll(): void;
}

export function createInFlight(queriesMax: number): InFlight {
  const running = new Set<AbortController>();
  return {
    async run(reply, work) {
      if (running.size >= queriesMax)
        throw new RelayError('OVERLOADED', `the gateway is answering ${queriesMax} queries already; try again`);
      const abort = new AbortController();
      // The request's own `close` event is not suitable: Node also emits it once the body has been read.
      const hungUp = () => {
        if (!reply.raw.writableFinished) abort.abort();
      };
      reply.raw.once('close', hungUp);
      running.add(abort);
      try {
        return await work(abort.signal);
      } finally {
        running.delete(abort);
        reply.raw.off('close', hungUp);
      }
    },
    size: () => running.size,
    abortAll() {
      for (const abort of running) abort.abort();
    },
  };
}
