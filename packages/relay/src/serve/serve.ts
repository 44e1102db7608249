import { createLru } from '@tributary/proof/primitives';
import { isEmbedRequest } from '@tributary/proof/statements';
import type { AskHead, MethodResult } from '@tributary/schemas';
import { createChannels, type Channels } from '../payments/channels.ts';
import { rateCallersMax } from '../policy/limits.ts';
import { createRate } from '../policy/rate.ts';
import { admit } from './admit.ts';
import { answer } from './answer.ts';
import { createAtWork } from './at-work.ts';
import { charge } from './charge.ts';
import { embed } from './embeddings/embed.ts';
import { embedPlaceMsMax, embedsAtOnceMax, freeEmbedsAtOnceMax, repeatedTicketsMax } from './limits.ts';
import { payment } from './payment.ts';
import { createQueue } from './queue.ts';
import { receive } from './receive.ts';
import { repeat } from './repeat.ts';
import { refuse, reply } from './reply.ts';
import { settle } from './settle.ts';
import { createTickets } from './tickets.ts';
import type { AskContext, AskOutcome, ServeDependencies, ServeState } from './types.ts';

/** The provider's side of a paid request: bytes in, bytes out, independent of the transport. */
export interface Serve {
  /** Answers one question, paid or free. Never rejects: a refusal is a value and costs nothing. */
  ask(head: AskHead, body: Uint8Array, context: AskContext): Promise<AskOutcome>;
  readonly channels: Channels;
  credit(query: { payer: string }): MethodResult<'credit'>;
  /** Accepts no more questions and resolves when those in progress are answered. */
  drain(): Promise<void>;
}

export function createServe(dependencies: ServeDependencies): Serve {
  const { ledger, receipt, unit, now } = dependencies;
  const state: ServeState = {
    dependencies,
    rate: createRate(rateCallersMax, now),
    unpaid: createRate(rateCallersMax, now),
    queue: createQueue(now),
    embedQueue: createQueue(now, { all: embedsAtOnceMax, free: freeEmbedsAtOnceMax, heldMs: embedPlaceMsMax }),
    tickets: createTickets((error) => refuse(error, state)),
    repeats: createLru(repeatedTicketsMax),
  };
  const atWork = createAtWork();
  return {
    ask(head, body, context) {
      const refused = atWork.refusal(context.peer);
      if (refused !== null) return Promise.resolve(refuse(refused, state));
      const answer = isEmbedRequest(body) ? embed : ask;
      return atWork.add(context.peer, answer(head, body, context, state));
    },
    channels: createChannels({ ledger, now, receiptKey: receipt.privateKey }),
    credit: ({ payer }) => ({ available: String(ledger.account(payer).available), unit }),
    drain: () => atWork.drain(),
  };
}

/** The steps of one question, in order: receive, payment, repeat, admit, charge, answer, settle, reply. */
async function ask(head: AskHead, body: Uint8Array, context: AskContext, state: ServeState): Promise<AskOutcome> {
  try {
    const received = receive(head, body, context);
    const paid = payment(received, state);
    return await state.tickets.once(received, paid, async () => {
      const before = paid === null ? null : await repeat(received, paid, state);
      if (before !== null) return reply(received, before, state);
      const admitted = admit(received, paid, state);
      const room = charge(admitted, state);
      try {
        const outcome = await answer(admitted, state);
        const settled = await settle(admitted, outcome, room, state);
        return reply(received, settled, state);
      } finally {
        room.release();
      }
    });
  } catch (error) {
    return refuse(error, state);
  }
}
