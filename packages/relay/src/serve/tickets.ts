import { createLru } from '@tributary/proof/primitives';
import { RelayError } from '../errors.ts';
import { isFault } from '../own-faults.ts';
import { refusedTicketsMax } from './limits.ts';
import type { AskOutcome, OwnRefusal, Paid, Tickets } from './types.ts';

interface Work {
  readonly requestHash: string;
  readonly outcome: Promise<AskOutcome>;
}

/** @param refuse turns an error into a reply */
export function createTickets(refuse: (error: unknown) => { readonly refusal: OwnRefusal }): Tickets {
  const running = new Map<string, Work>();
  const refusals = createLru<string, OwnRefusal>(refusedTicketsMax);
  const keyOf = ({ channel }: Paid, ticket: string): string => `${channel.id} ${ticket}`;
  return {
    refusal: (paid, ticket) => refusals.get(keyOf(paid, ticket)),
    async once({ requestHash, head }, paid, start) {
      if (paid === null) return start();
      const key = keyOf(paid, head.ticketId);
      for (;;) {
        const first = running.get(key);
        if (first === undefined) break;
        if (first.requestHash !== requestHash)
          throw new RelayError('TICKET_CONFLICT', 'the ticket is being used for another question');
        const outcome = await first.outcome;
        // The sender gave up the first try. That is not the answer to this one.
        if (!('refusal' in outcome && outcome.refusal.code === 'ABORTED')) return outcome;
      }
      const outcome = start().catch((error: unknown): AskOutcome => {
        const refused = refuse(error);
        const { code } = refused.refusal;
        // The reply is kept, never the error, because an error holds on to its stack and its cause.
        if (code !== 'ABORTED' && !isFault(code)) refusals.set(key, refused.refusal);
        return refused;
      });
      running.set(key, { requestHash, outcome });
      return outcome.finally(() => running.delete(key));
    },
  };
}
