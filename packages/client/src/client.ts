import type { KnownOffer } from './discovery/types.ts';
import { ClientError } from './errors.ts';
import { ask, askAgain } from './query/ask.ts';
import { choose } from './query/choose.ts';
import { askAll } from './query/ask-all.ts';
import { merge } from './query/merge.ts';
import { pay } from './query/pay.ts';
import { checkAsked, checkSigners } from './query/pins.ts';
import { quote, quoteBytes } from './query/quote.ts';
import { share } from './query/share.ts';
import type { Prepared, QueryContext, QueryResult, Question, Verified } from './query/types.ts';
import type { Payment } from './wallet/wallet.ts';
import { readRequest } from '@tributary/proof/statements';
import { isTributaryError, type Bundle } from '@tributary/schemas';
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

/** Asks providers, pays them, and believes only what it has verified. */
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
  const { verified, failed } = await askAll(prepared, async (one) =>
    checkSigners(context, await payAskVerify(context, one, signal)),
  );
  return { ...merge(verified, question.topK ?? topKDefault), failed };
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

/** Pays, asks, verifies. When the provider's books differ from the wallet's, they are brought in line and it is tried once more. */
async function payAskVerify(context: QueryContext, prepared: Prepared, signal?: AbortSignal): Promise<Verified> {
  const { wallet } = context;
  if (prepared.quote === 0n) return askVerify(context, prepared, null, signal);
  if (!wallet) throw new ClientError('PAYMENT_NEEDED', `${prepared.known.offer.index} is not free and this client has no wallet`);
  for (let before: Payment | null = null; ;) {
    const payment: Payment = await pay(prepared, before, { ...context, wallet, askAgain }, signal);
    try {
      return await askVerify(context, prepared, payment, signal);
    } catch (error) {
      wallet.doubt(payment, booksDiffer(error));
      if (before !== null || !booksDiffer(error)) throw error;
      before = payment;
    }
  }
}

async function askVerify(
  context: QueryContext,
  prepared: Prepared,
  payment: Payment | null,
  signal?: AbortSignal,
): Promise<Verified> {
  const connect = () => context.providers.link(prepared.known, signal);
  const answered = await ask(prepared, payment, connect, context, signal);
  const verified = await context.verifier.verify(prepared, answered, await connect());
  if (payment) await context.wallet?.acknowledge(payment, answered.receipt, verified.answer.receiptHash);
  return verified;
}

/** Refusals which an honest provider gives only when one side has booked what the other has not. */
const booksDiffer = (error: unknown): boolean =>
  isTributaryError(error) && ['VOUCHER_INSUFFICIENT', 'CHANNEL_UNKNOWN', 'CREDIT_INSUFFICIENT'].includes(error.code);
