import { questionKeyCharsMax, type Delivery } from '@tributary/client';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';

/** The caller of a question that is paid. */
export interface Waiting {
  /** Fires when the caller hangs up. */
  readonly signal: AbortSignal;
  /** The caller's name for the question, so that a repeat is paid once (docs/spec/delivery.md). */
  readonly key?: string;
  /** Called with a paid answer that is on its way to the caller. */
  onDelivery(delivery: Delivery): void;
}

/** Name of the header with the key of a question. */
const KEY_HEADER = 'x-idempotency-key';

/** What routes that pay read beside the body. */
export const KEYED = {
  [KEY_HEADER]: {
    schema: z.string().min(1).max(questionKeyCharsMax),
    description: 'Names the question: a repeat under the same key gets the same answer, which is paid once.',
  },
};

/**
 * The caller behind a reply. A paid answer is delivered once all of the reply is with the operating system; an answer
 * whose caller hung up before, or got an error instead, is kept.
 */
export function waitingFor(reply: FastifyReply, signal: AbortSignal): Waiting {
  const { raw } = reply;
  const key = reply.request.headers[KEY_HEADER];
  return {
    signal,
    ...(key === undefined ? {} : { key: String(key) }),
    onDelivery(delivery) {
      const end = (): void => {
        if (raw.writableFinished && raw.statusCode < 400) delivery.delivered();
        else delivery.missed().catch(() => undefined); // then the provider is asked for it again
      };
      if (raw.closed) end();
      else raw.once('close', end);
    },
  };
}
