import type { AskHead } from '@tributary/schemas';
import { payment } from '../payment.ts';
import { repeat } from '../repeat.ts';
import { refuse, reply } from '../reply.ts';
import type { AskContext, AskOutcome, ServeState } from '../types.ts';
import { admitTexts } from './admit-texts.ts';
import { chargeTexts } from './charge-texts.ts';
import { makeVectors } from './make-vectors.ts';
import { receiveTexts } from './receive-texts.ts';
import { settleVectors } from './settle-vectors.ts';

/**
 * The steps of one request for embeddings, in order: receive, payment, repeat, admit, charge, vectors, settle, reply.
 * Never rejects.
 */
export async function embed(head: AskHead, body: Uint8Array, context: AskContext, state: ServeState): Promise<AskOutcome> {
  try {
    const received = receiveTexts(head, body, context);
    const money = payment(received, state);
    return await state.tickets.once(received, money, async () => {
      const before = money === null ? null : await repeat(received, money, state);
      if (before !== null) return reply(received, before, state);
      const admitted = admitTexts(received, money, state);
      const room = chargeTexts(admitted, state);
      try {
        const answer = await makeVectors(admitted, state);
        const settled = await settleVectors(admitted, answer, room, state);
        return reply(received, settled, state);
      } finally {
        room.release();
      }
    });
  } catch (error) {
    return refuse(error, state);
  }
}
