import type { AskHead, MethodResult, OpenChannel } from '@tributary/schemas';
import { RelayError } from '../errors.ts';
import { openChannel } from '../payments/open-channel.ts';
import type { ChannelState } from '../payments/ledger.ts';
import { rateCallersMax } from '../policy/limits.ts';
import { createRate } from '../policy/rate.ts';
import { admit } from './admit.ts';
import { answer } from './answer.ts';
import { charge } from './charge.ts';
import { asksInFlightMax, retryPauseMs } from './limits.ts';
import { receive } from './receive.ts';
import { repeat } from './repeat.ts';
import { replyAnswer, replyRefusal } from './reply.ts';
import { settle } from './settle.ts';
import {
  Refused,
  type Admitted,
  type AskContext,
  type AskOutcome,
  type Paid,
  type ServeDependencies,
  type ServeState,
  type Settled,
} from './types.ts';

/** The provider's side of a relay: bytes in, bytes out; who carries them is not its business. */
export interface Serve {
  /** Answers one question, paid or free. Never rejects: a refusal is a value and costs nothing. */
  ask(head: AskHead, body: Uint8Array, context: AskContext): Promise<AskOutcome>;
  /** @throws RelayError CHANNEL_TERMS, CREDIT_INSUFFICIENT, RATE_LIMITED, LEDGER_WRITE */
  openChannel(open: OpenChannel): Promise<ChannelState>;
  credit(query: { payer: string }): MethodResult<'credit'>;
  /** Takes no more asks and resolves when those at work are answered. */
  drain(): Promise<void>;
}

interface Tickets {
  /** First tries at work, by channel and ticket. */
  readonly running: Map<string, { readonly requestHash: string; readonly work: Promise<AskOutcome> }>;
}

/** The steps of an ask are receive → admit → charge → answer → settle → reply. */
export function createServe(dependencies: ServeDependencies): Serve {
  const state: ServeState = { dependencies, rate: createRate(rateCallersMax, dependencies.now) };
  const openings = createRate(rateCallersMax, dependencies.now);
  const tickets: Tickets = { running: new Map() };
  const atWork = new Set<Promise<AskOutcome>>();
  let draining = false;
  return {
    ask(head, body, context) {
      if (draining)
        return Promise.resolve(refuse(new Refused('SHUTTING_DOWN', 'the node is closing', retryPauseMs), dependencies));
      if (atWork.size >= asksInFlightMax) {
        return Promise.resolve(
          refuse(new Refused('OVERLOADED', `${asksInFlightMax} asks are at work`, retryPauseMs), dependencies),
        );
      }
      const work = ask(head, body, context, state, tickets);
      atWork.add(work);
      return work.finally(() => atWork.delete(work));
    },
    openChannel: (open) => openChannel(open, dependencies.ledger, openings),
    credit: ({ payer }) => ({ available: String(dependencies.ledger.account(payer).available), unit: dependencies.unit }),
    async drain() {
      draining = true;
      await Promise.all(atWork);
    },
  };
}

async function ask(
  head: AskHead,
  body: Uint8Array,
  context: AskContext,
  state: ServeState,
  tickets: Tickets,
): Promise<AskOutcome> {
  try {
    const admitted = admit(receive(head, body, context, state), state);
    if (admitted.paid === null) return await fresh(admitted, state);
    return await once(admitted, admitted.paid, state, tickets);
  } catch (error) {
    return refuse(error, state.dependencies);
  }
}

/** A ticket is worked on once: who asks with it meanwhile gets the same outcome. @throws RelayError TICKET_CONFLICT */
async function once(admitted: Admitted, paid: Paid, state: ServeState, { running }: Tickets): Promise<AskOutcome> {
  const { requestHash, head } = admitted;
  const key = `${paid.channel.id} ${head.ticketId}`;
  for (;;) {
    const first = running.get(key);
    if (first === undefined) break;
    if (first.requestHash !== requestHash)
      throw new RelayError('TICKET_CONFLICT', 'the ticket is being used for another question');
    const outcome = await first.work;
    // The first try was given up by whoever sent it; that is not the answer to this one.
    if (!('refusal' in outcome && outcome.refusal.code === 'ABORTED')) return outcome;
  }
  const work = paidAsk(admitted, paid, state).catch((error: unknown) => refuse(error, state.dependencies));
  running.set(key, { requestHash, work });
  return work.finally(() => running.delete(key));
}

async function paidAsk(admitted: Admitted, paid: Paid, state: ServeState): Promise<AskOutcome> {
  const { ledger } = state.dependencies;
  const row = await ledger.ticket(paid.channel.id, admitted.head.ticketId);
  if (row === null) return fresh(admitted, state);
  return finish(admitted, await repeat(admitted, paid, row, state), true, state);
}

async function fresh(admitted: Admitted, state: ServeState): Promise<AskOutcome> {
  const room = charge(admitted, state);
  try {
    const outcome = await answer(admitted, state);
    return finish(admitted, await settle(admitted, outcome, room, state), false, state);
  } finally {
    room?.release();
  }
}

function finish({ request }: Admitted, settled: Settled, again: boolean, { dependencies }: ServeState): AskOutcome {
  const { status, charge: charged } = settled.receipt;
  dependencies.observe?.({ kind: 'answer', index: request.index, status, charge: again ? 0n : BigInt(charged), again });
  return replyAnswer(settled);
}

function refuse(error: unknown, { observe, fault }: ServeDependencies): AskOutcome {
  const { outcome, code, isFault } = replyRefusal(error);
  observe?.({ kind: 'refusal', code });
  if (isFault) fault?.(error);
  return outcome;
}
