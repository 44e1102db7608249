import { ask } from './query/ask.ts';
import { choose } from './query/choose.ts';
import { merge } from './query/merge.ts';
import { pay } from './query/pay.ts';
import { quote, quoteBytes } from './query/quote.ts';
import type { KnownOffer, Prepared, QueryContext, QueryResult, Question, Verified } from './query/types.ts';
import { readRequest } from '@tributary/proof';
import type { Bundle } from '@tributary/schemas';
import { topKDefault } from './query/limits.ts';

/** The buyer: asks providers, pays them, and believes only what it has verified. */
export interface Client {
  /** Asks one question and returns verified results. */
  query(question: Question, options?: { signal?: AbortSignal }): Promise<QueryResult>;
  /** Asks a question whose exact bytes and nonce the caller made; returns the verified bundle. */
  queryBytes(made: { nonce: string; body: string; maxCharge?: bigint }, options?: { signal?: AbortSignal }): Promise<Bundle>;
  offers(): KnownOffer[];
  refresh(signal?: AbortSignal): Promise<void>;
}

/** Joins the parts of a client; opening and closing them is the caller's. */
export function createClient(context: QueryContext): Client {
  return {
    query: (question, options) => query(context, question, options?.signal),
    queryBytes: (made, options) => queryBytes(context, made, options?.signal),
    offers: () => context.providers.offers(),
    refresh: (signal) => context.providers.refresh(signal),
  };
}

/** The query line: choose, quote, pay, ask, verify, merge. */
async function query(context: QueryContext, question: Question, signal?: AbortSignal): Promise<QueryResult> {
  const chosen = await choose(question, context.providers, signal);
  const prepared = await Promise.all(chosen.map((known) => quote(known, question, context)));
  const verified = await settleAll(prepared.map((one) => payAskVerify(context, one, signal)));
  return merge(verified, question.topK ?? topKDefault);
}

async function queryBytes(
  context: QueryContext,
  made: { nonce: string; body: string; maxCharge?: bigint },
  signal?: AbortSignal,
): Promise<Bundle> {
  const request = readRequest(made.body);
  const [known] = await choose({ index: request.index }, context.providers, signal);
  const prepared = quoteBytes(
    known!,
    { request, body: new TextEncoder().encode(made.body), bodyText: made.body, nonce: made.nonce },
    made.maxCharge,
    context,
  );
  return (await payAskVerify(context, prepared, signal)).bundle();
}

async function payAskVerify(context: QueryContext, prepared: Prepared, signal?: AbortSignal): Promise<Verified> {
  const connect = () => context.providers.link(prepared.known, signal);
  const payment = await pay(prepared, await connect(), context, signal);
  const answered = await ask(prepared, payment, connect, context, signal);
  const verified = await context.verifier.verify(prepared, answered, await connect());
  if (payment) await context.wallet?.acknowledge(payment, answered.receipt, verified.answer.receiptHash);
  return verified;
}

/** All that succeeded; when none did, the first failure. */
async function settleAll(running: Promise<Verified>[]): Promise<Verified[]> {
  const settled = await Promise.allSettled(running);
  const verified = settled.filter((one) => one.status === 'fulfilled').map((one) => one.value);
  if (verified.length === 0) throw (settled[0] as PromiseRejectedResult).reason;
  return verified;
}
