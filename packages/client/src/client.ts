import { ClientError } from './errors.ts';
import { ask } from './query/ask.ts';
import { choose } from './query/choose.ts';
import { merge } from './query/merge.ts';
import { pay } from './query/pay.ts';
import { checkAsked, checkSigners } from './query/pins.ts';
import { quote, quoteBytes } from './query/quote.ts';
import { share } from './query/share.ts';
import type { KnownOffer, Prepared, QueryContext, QueryResult, Question, Verified } from './query/types.ts';
import { resume } from './query/resume.ts';
import type { Payment } from './wallet/wallet.ts';
import { readRequest } from '@tributary/proof';
import { isTributaryError, type Bundle, type ErrorCode } from '@tributary/schemas';
import { topKDefault } from './query/limits.ts';

/** What a question may cost, before anything is signed; amounts in the ledger's smallest unit. */
export interface QuoteFacts {
  most: bigint;
  /** What could be lost at most over all channels, this question included. */
  couldLose: bigint;
  unit: string;
}

export interface AskOptions {
  signal?: AbortSignal;
  /** Hears what the question may cost before the first voucher is signed. */
  onQuote?: (facts: QuoteFacts) => void;
}

/** The buyer: asks providers, pays them, and believes only what it has verified. */
export interface Client {
  /** Asks one question and returns verified results. */
  query(question: Question, options?: AskOptions): Promise<QueryResult>;
  /** Asks a question whose exact bytes and nonce the caller made; returns the verified bundle. */
  queryBytes(made: { nonce: string; body: string; maxCharge?: bigint }, options?: { signal?: AbortSignal }): Promise<Bundle>;
  offers(): KnownOffer[];
  refresh(signal?: AbortSignal): Promise<void>;
}

/** Joins the parts of a client; opening and closing them is the caller's. */
export function createClient(context: QueryContext): Client {
  return {
    query: (question, options) => query(context, question, options ?? {}),
    queryBytes: (made, options) => queryBytes(context, made, options?.signal),
    offers: () => context.providers.offers(),
    refresh: (signal) => context.providers.refresh(signal),
  };
}

/** The query line: choose, quote, pay, ask, verify, merge. */
async function query(context: QueryContext, question: Question, { signal, onQuote }: AskOptions): Promise<QueryResult> {
  const chosen = await choose(question, context, signal);
  const shares = share(question, chosen);
  const prepared = await Promise.all(shares.map((part) => quote(part.known, part.question, context)));
  checkSum(prepared, question.maxCharge);
  for (const { known, quote: cost } of prepared) checkAsked(context, known, cost);
  if (onQuote) onQuote(await quoteFacts(context, prepared));
  const verified = await settleAll(prepared.map(async (one) => checkSigners(context, await payAskVerify(context, one, signal))));
  return merge(verified, question.topK ?? topKDefault);
}

async function quoteFacts({ wallet }: QueryContext, prepared: Prepared[]): Promise<QuoteFacts> {
  const most = prepared.reduce((total, { quote: cost }) => total + cost, 0n);
  const open = (await wallet?.totals())?.couldLose ?? 0n;
  return { most, couldLose: open + most, unit: prepared[0]!.known.offer.unit };
}

/** What the caller allows is for the whole question, to however many indexes it goes. */
function checkSum(prepared: Prepared[], maxCharge: bigint | undefined): void {
  const sum = prepared.reduce((total, { quote: cost }) => total + cost, 0n);
  if (maxCharge !== undefined && sum > maxCharge) {
    throw new ClientError('SPEND_CAP', `asking ${prepared.length} indexes may cost ${sum}; you allow ${maxCharge}`);
  }
}

async function queryBytes(
  context: QueryContext,
  made: { nonce: string; body: string; maxCharge?: bigint },
  signal?: AbortSignal,
): Promise<Bundle> {
  const request = readRequest(made.body);
  const [known] = await choose({ index: request.index }, context, signal);
  const prepared = quoteBytes(
    known!,
    { request, body: new TextEncoder().encode(made.body), bodyText: made.body, nonce: made.nonce },
    made.maxCharge,
    context,
  );
  checkAsked(context, prepared.known, prepared.quote);
  return checkSigners(context, await payAskVerify(context, prepared, signal)).bundle();
}

/**
 * Before money is promised, what was lost earlier with this provider is settled; once more when it says that the vouchers fall short. If
 * they still do, the books are reconciled; a channel that stays in dispute or was closed is replaced.
 */
async function payAskVerify(context: QueryContext, prepared: Prepared, signal?: AbortSignal): Promise<Verified> {
  for (let tries = 1; ; tries++) {
    await recoverLost(context, prepared, signal);
    try {
      return await payAskVerifyOnce(context, prepared, tries > 1, signal);
    } catch (error) {
      const mendable = hasCode(error, 'VOUCHER_INSUFFICIENT') || hasCode(error, 'CHANNEL_UNKNOWN');
      if (tries > 2 || !mendable) throw error;
    }
  }
}

async function payAskVerifyOnce(
  context: QueryContext,
  prepared: Prepared,
  again: boolean,
  signal?: AbortSignal,
): Promise<Verified> {
  const connect = () => context.providers.link(prepared.known, signal);
  const payment = await pay(prepared, await connect(), context, signal);
  try {
    const answered = await ask(prepared, payment, connect, context, signal);
    const verified = await context.verifier.verify(prepared, answered, await connect());
    if (payment) await context.wallet?.acknowledge(payment, answered.receipt, verified.answer.receiptHash);
    return verified;
  } catch (error) {
    if (payment && again && hasCode(error, 'VOUCHER_INSUFFICIENT')) await context.wallet?.reconcile(payment);
    else if (payment) await giveUp(context, payment, error);
    throw error;
  }
}

/** Asks the tickets again whose answers were lost, checks what comes and books it. */
async function recoverLost(context: QueryContext, prepared: Prepared, signal?: AbortSignal): Promise<void> {
  const { wallet, providers, verifier } = context;
  if (!wallet || prepared.quote === 0n) return;
  const { offer, identity } = prepared.known;
  await wallet.recover({ payee: identity.payee, network: offer.network, maxInFlight: offer.maxInFlight }, async (lost) => {
    const link = await providers.link(prepared.known, signal);
    try {
      const again = await resume(lost, link, context);
      if (!again) return;
      const { answer } = await verifier.verify(again.prepared, again.answered, link);
      await wallet.acknowledge(lost.payment, again.answered.receipt, answer.receiptHash);
    } catch (error) {
      await giveUp(context, lost.payment, error);
      throw error;
    }
  });
}

/**
 * A ticket that is still open now is asked again before the next payment; a channel that the provider does not have, or whose receipts
 * do not form a chain, is not used again.
 */
async function giveUp({ wallet }: QueryContext, payment: Payment, error: unknown): Promise<void> {
  if (hasCode(error, 'CHANNEL_UNKNOWN') || hasCode(error, 'RECEIPT_CHAIN')) await wallet?.abandon(payment);
  else wallet?.lose(payment);
}

const hasCode = (error: unknown, code: ErrorCode): boolean => isTributaryError(error) && error.code === code;

/** All that succeeded; when none did, the first failure. */
async function settleAll(running: Promise<Verified>[]): Promise<Verified[]> {
  const settled = await Promise.allSettled(running);
  const verified = settled.filter((one) => one.status === 'fulfilled').map((one) => one.value);
  if (verified.length === 0) throw (settled[0] as PromiseRejectedResult).reason;
  return verified;
}
