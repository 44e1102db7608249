import type { LinkHandlers } from '@tributary/client';
import type { AskOutcome, IncomingAsk } from '@tributary/client/testing';
import { receiptHash, signChannelState, signReceipt, type Network } from '@tributary/proof/payment';
import type { ChannelState, Receipt, ToldChannel } from '@tributary/schemas';
import type { Random } from '../random.ts';
import type { LiarProvider } from '../plan/liars.ts';

export interface LieTools {
  readonly random: Random;
  readonly network: Network;
  readonly receiptKey: Uint8Array;
  /** Called for each answer that was changed. */
  told(ask: IncomingAsk, answer: Answer): void;
  /** Closes all links of the liar. */
  hangUp(): void;
}

export type Answer = Extract<AskOutcome, { receipt: Receipt }>;
type Lie = (ask: IncomingAsk, honest: () => Promise<AskOutcome>, tools: LieTools) => Promise<AskOutcome>;

/** The handlers of an honest provider with occasional lies in between, so that clients trust it first. */
export function lying(handlers: LinkHandlers, lie: LiarProvider, tools: LieTools): LinkHandlers {
  if (lie === 'others-payee') return handlers; // the lie is in its statements
  if (lie === 'forged-state') return { ...handlers, call: forgingStates(handlers, tools) };
  const tell = createLie(lie);
  return {
    ...handlers,
    ask: (ask) => (tools.random.chance(0.6) ? tell(ask, () => handlers.ask(ask), tools) : handlers.ask(ask)),
  };
}

function createLie(lie: Exclude<LiarProvider, 'others-payee' | 'forged-state'>): Lie {
  switch (lie) {
    case 'silent':
      return async (_, honest) => {
        await honest();
        return new Promise(() => undefined);
      };
    case 'hangs-up':
      return async (_, honest, { hangUp }) => {
        await honest();
        hangUp();
        return new Promise(() => undefined);
      };
    case 'wrong-answer':
      return answered((answer) => ({ ...answer, body: altered(answer.body) }));
    case 'double-charge':
      return answered((answer, tools) => resigned(answer, tools, ({ charge, chargedTotal }) => twice(charge, chargedTotal)));
    case 'inflated-total':
      return answered((answer, tools) =>
        resigned(answer, tools, ({ chargedTotal }) => ({ chargedTotal: String(BigInt(chargedTotal) + 7n) })),
      );
    case 'forked-receipts':
      return answered((answer, tools) =>
        resigned(answer, tools, ({ sequence }) => ({ sequence: sequence === 1 ? 2 : sequence - 1 })),
      );
    case 'old-answer':
      return oldAnswer();
  }
}

const answered =
  (change: (answer: Answer, tools: LieTools) => Answer): Lie =>
  async (ask, honest, tools) => {
    const outcome = await honest();
    if ('refusal' in outcome) return outcome;
    const lie = change(outcome, tools);
    // The double of nothing is no change.
    if (lie.body !== outcome.body || lie.receipt.signature !== outcome.receipt.signature) tools.told(ask, lie);
    return lie;
  };

/** Returns the answer to an earlier question. */
function oldAnswer(): Lie {
  let kept: Answer | undefined;
  return async (ask, honest, { told }) => {
    const outcome = await honest();
    if ('refusal' in outcome) return outcome;
    kept ??= outcome;
    if (kept.receipt.ticket !== ask.head.ticketId) told(ask, kept);
    return kept;
  };
}

/** States a charge that never happened, often above what was signed, or an outdated state. */
function forgingStates(handlers: LinkHandlers, { random, network, receiptKey }: LieTools): LinkHandlers['call'] {
  let kept: ToldChannel | undefined;
  return async (method, params, context) => {
    const reply = await handlers.call(method, params, context);
    if (!['channelState', 'openChannel', 'closeChannel'].includes(method)) return reply;
    const told = reply as ToldChannel;
    kept ??= told;
    if (told.receipt === null || random.chance(0.4)) return reply;
    const old = random.chance(0.3) && kept.state.channel === told.state.channel;
    const { state, receipt } = old ? kept : charged(told.state, told.receipt, BigInt(random.between(1, 400)));
    const { signature: _, ...fields } = { ...state, nonce: told.state.nonce };
    return { state: signChannelState(fields, network, receiptKey), receipt };
  };

  function charged(state: ChannelState, last: Receipt, charge: bigint): ToldChannel {
    const chargedTotal = String(BigInt(last.chargedTotal) + charge);
    const sequence = last.sequence + 1;
    const { signature: _, ...fields } = last;
    const previous = receiptHash(last, network);
    const receipt = signReceipt({ ...fields, sequence, chargedTotal, charge: String(charge), previous }, network, receiptKey);
    return { state: { ...state, sequence, chargedTotal, receiptHash: receiptHash(receipt, network) }, receipt };
  }
}

function resigned(answer: Answer, { network, receiptKey }: LieTools, change: (receipt: Receipt) => Partial<Receipt>): Answer {
  const { signature: _, ...fields } = { ...answer.receipt, ...change(answer.receipt) };
  return { ...answer, receipt: signReceipt(fields, network, receiptKey) };
}

function twice(charge: string, chargedTotal: string): Partial<Receipt> {
  return { charge: String(BigInt(charge) * 2n), chargedTotal: String(BigInt(chargedTotal) + BigInt(charge)) };
}

function altered(body: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(body);
  const at = Math.floor(copy.length / 2);
  copy[at] = copy[at]! ^ 1;
  return copy;
}
