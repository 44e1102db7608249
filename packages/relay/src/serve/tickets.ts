import { createLru } from '@tributary/proof/primitives';
import { isTributaryError, type TributaryError } from '@tributary/schemas';
import { RelayError } from '../errors.ts';
import { isFault } from '../own-faults.ts';
import { refusedTicketsMax } from './limits.ts';
import type { AskOutcome, Paid, Tickets } from './types.ts';

interface Work {
  readonly requestHash: string;
  readonly outcome: Promise<AskOutcome>;
}

/** @param refuse what leaves for an error */
export function createTickets(refuse: (error: unknown) => AskOutcome): Tickets {
  const running = new Map<string, Work>();
  const refusals = createLru<string, TributaryError>(refusedTicketsMax);
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
        // The first try was given up by whoever sent it; that is not the answer to this one.
        if (!('refusal' in outcome && outcome.refusal.code === 'ABORTED')) return outcome;
      }
      const outcome = start().catch((error: unknown) => {
        if (isTributaryError(error) && error.code !== 'ABORTED' && !isFault(error.code)) refusals.set(key, error);
        return refuse(error);
      });
      running.set(key, { requestHash, outcome });
      return outcome.finally(() => running.delete(key));
    },
  };
}
