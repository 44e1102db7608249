import { createLru } from '@tributary/proof/primitives';
import { isTributaryError, type AskHead, type MethodResult } from '@tributary/schemas';
import { RelayError } from '../errors.ts';
import { ZERO_HASH } from '../ledger/entries.ts';
import { createChannels, type Channels } from '../payments/channels.ts';
import { rateCallersMax } from '../policy/limits.ts';
import { createRate } from '../policy/rate.ts';
import { admit } from './admit.ts';
import { answer } from './answer.ts';
import { charge } from './charge.ts';
import { asksInFlightMax, asksPerPeerMax, refusedTicketsMax, repeatedTicketsMax, retryPauseMs } from './limits.ts';
import { payment } from './payment.ts';
import { createQueue } from './queue.ts';
import { receive } from './receive.ts';
import { repeat } from './repeat.ts';
import { isFault, replyAnswer, replyRefusal } from './reply.ts';
import { settle } from './settle.ts';
import {
  callersOf,
  rankOf,
  Refused,
  type Admitted,
  type AskContext,
  type AskOutcome,
  type Paid,
  type Received,
  type ServeDependencies,
  type ServeState,
  type Settled,
} from './types.ts';

/** The provider's side of a relay: bytes in, bytes out; who carries them is not its business. */
export interface Serve {
  /** Answers one question, paid or free. Never rejects: a refusal is a value and costs nothing. */
  ask(head: AskHead, body: Uint8Array, context: AskContext): Promise<AskOutcome>;
  readonly channels: Channels;
  credit(query: { payer: string }): MethodResult<'credit'>;
  /** Takes no more asks and resolves when those at work are answered. */
  drain(): Promise<void>;
}

interface Tickets {
  /** First tries at work, by channel and ticket. */
  readonly running: Map<string, { readonly requestHash: string; readonly work: Promise<AskOutcome> }>;
}

/** The steps of an ask are receive → payment → repeat → admit → charge → answer → settle → reply. */
export function createServe(dependencies: ServeDependencies): Serve {
  const state: ServeState = {
    dependencies,
    rate: createRate(rateCallersMax, dependencies.now),
    unpaid: createRate(rateCallersMax, dependencies.now),
    queue: createQueue(dependencies.now),
    repeats: createLru(repeatedTicketsMax),
    refusals: createLru(refusedTicketsMax),
  };
  const tickets: Tickets = { running: new Map() };
  const atWork = createAtWork();
  let draining = false;
  return {
    ask(head, body, context) {
      const full = draining ? CLOSING : atWork.refusal(context.peer);
      if (full !== null) return Promise.resolve(refuse(full, dependencies));
      return atWork.add(context.peer, ask(head, body, context, state, tickets));
    },
    channels: createChannels({ ...dependencies, receiptKey: dependencies.receipt.privateKey }),
    credit: ({ payer }) => ({ available: String(dependencies.ledger.account(payer).available), unit: dependencies.unit }),
    async drain() {
      draining = true;
      await atWork.all();
    },
  };
}

const CLOSING = new Refused('SHUTTING_DOWN', 'the node is closing', retryPauseMs);

/** The asks at work, those that wait included: so many in all, and so many of one peer. */
function createAtWork() {
  const works = new Set<Promise<AskOutcome>>();
  const ofPeer = new Map<string, number>();
  const count = (peer: string, change: number): void => {
    const asks = (ofPeer.get(peer) ?? 0) + change;
    if (asks === 0) ofPeer.delete(peer);
    else ofPeer.set(peer, asks);
  };
  return {
    refusal(peer: string): Refused | null {
      const full = works.size >= asksInFlightMax ? `${asksInFlightMax} asks are at work` : null;
      const share = (ofPeer.get(peer) ?? 0) >= asksPerPeerMax ? `${asksPerPeerMax} asks of yours are at work` : null;
      const what = full ?? share;
      return what === null ? null : new Refused('OVERLOADED', `${what}; ask again in a moment`, retryPauseMs);
    },
    add(peer: string, work: Promise<AskOutcome>): Promise<AskOutcome> {
      works.add(work);
      count(peer, 1);
      return work.finally(() => {
        works.delete(work);
        count(peer, -1);
      });
    },
    all: () => Promise.all(works),
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
    const received = receive(head, body, context);
    const money = payment(received, state);
    if (money === null) return await fresh(received, null, state);
    return await once(received, money, state, tickets);
  } catch (error) {
    return refuse(error, state.dependencies);
  }
}

/** A ticket is worked on once: who asks with it meanwhile gets the same outcome. @throws RelayError TICKET_CONFLICT */
async function once(received: Received, money: Paid, state: ServeState, { running }: Tickets): Promise<AskOutcome> {
  const { requestHash, head } = received;
  const key = `${money.channel.id} ${head.ticketId}`;
  for (;;) {
    const first = running.get(key);
    if (first === undefined) break;
    if (first.requestHash !== requestHash)
      throw new RelayError('TICKET_CONFLICT', 'the ticket is being used for another question');
    const outcome = await first.work;
    // The first try was given up by whoever sent it; that is not the answer to this one.
    if (!('refusal' in outcome && outcome.refusal.code === 'ABORTED')) return outcome;
  }
  const work = paidAsk(received, money, state).catch((error: unknown) => refuse(error, state.dependencies));
  running.set(key, { requestHash, work });
  return work.finally(() => running.delete(key));
}

async function paidAsk(received: Received, money: Paid, state: ServeState): Promise<AskOutcome> {
  const before = await repeat(received, money, state);
  if (before !== null) return finish(received, before, true, state);
  // A refusal ends its ticket: whoever was told that nothing is charged may ask anew, whatever copy of the ask still arrives.
  const key = `${money.channel.id} ${received.head.ticketId}`;
  const refusal = state.refusals.get(key);
  if (refusal !== undefined) throw refusal;
  try {
    return await fresh(received, money, state);
  } catch (error) {
    if (isTributaryError(error) && error.code !== 'ABORTED' && !isFault(error.code)) state.refusals.set(key, error);
    throw error;
  }
}

async function fresh(received: Received, money: Paid | null, state: ServeState): Promise<AskOutcome> {
  const admitted = admit(received, money, state);
  const room = charge(admitted, state);
  let earned = false;
  try {
    const settled = await settle(admitted, await answer(admitted, state), room, state);
    earned = settled.receipt.charge !== '0';
    return finish(admitted, settled, false, state);
  } finally {
    room.release();
    if (!earned) countUnpaid(admitted, state);
  }
}

/** Free questions were counted when they were admitted. */
function countUnpaid({ request, context, paid, served }: Admitted, { unpaid }: ServeState): void {
  if (paid === null) return;
  for (const caller of callersOf(context, paid)) unpaid.spend(`${caller} ${request.index}`, served.policy.unpaidPerMinute);
}

function finish({ request, context }: Received, settled: Settled, again: boolean, { dependencies }: ServeState): AskOutcome {
  const { status, charge: charged, channel } = settled.receipt;
  dependencies.observe?.({
    kind: 'answer',
    index: request.index,
    status,
    charge: again ? 0n : BigInt(charged),
    again,
    to: rankOf(context, channel !== ZERO_HASH),
    shown: settled.shown,
  });
  return replyAnswer(settled);
}

function refuse(error: unknown, { observe, fault }: ServeDependencies): AskOutcome {
  const { outcome, code } = replyRefusal(error);
  observe?.({ kind: 'refusal', code });
  if (isFault(code)) fault?.(error);
  return outcome;
}
