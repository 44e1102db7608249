import { readRequest } from '@tributary/proof/statements';
import type { Bundle } from '@tributary/schemas';
import { askAll } from './ask-all.ts';
import { ask } from './ask.ts';
import { choose } from './choose.ts';
import { topKDefault } from './limits.ts';
import { merge } from './merge.ts';
import { pay } from './pay.ts';
import { checkAsked, checkSigners } from './pins.ts';
import { checkSum, quote, quoteBytes, quoteFacts } from './quote.ts';
import { payAndRepair } from './repair.ts';
import { share } from './share.ts';
import type { AskOptions, MadeBytes, Prepared, Purse, QueryContext, QueryResult, Question, Verified } from './types.ts';

/**
 * One question: choose, share, quote, pins, then for each index pay, ask, verify, acknowledge, pins, and finally merge.
 */
export async function query(question: Question, client: QueryContext, options: AskOptions = {}): Promise<QueryResult> {
  const { signal, onQuote, purse } = options;
  const context = paidFrom(purse, client);
  const chosen = await choose(question, context, signal);
  const shares = share(question, chosen);
  const prepared = await Promise.all(shares.map((part) => quote(part.known, part.question, context)));
  checkSum(prepared, question.maxCharge);
  for (const one of prepared) checkAsked(one, context);
  if (onQuote) onQuote(await quoteFacts(prepared, context));
  await purse?.admit(prepared.map(partOf));
  const { verified, failed } = await askAll(prepared, (one) => payAskVerify(one, context, options));
  return { ...merge(verified, question.topK ?? topKDefault), failed };
}

/** The same for a question to one index whose exact bytes and nonce the caller made. */
export async function queryBytes(
  made: MadeBytes,
  client: QueryContext,
  options: Omit<AskOptions, 'onQuote'> = {},
): Promise<Bundle> {
  const context = paidFrom(options.purse, client);
  const request = readRequest(made.body);
  const [known] = await choose({ index: request.index }, context, options.signal);
  const bytes = { request, body: new TextEncoder().encode(made.body), bodyText: made.body, nonce: made.nonce };
  const prepared = quoteBytes(known!, bytes, made.maxCharge, context);
  checkAsked(prepared, context);
  await options.purse?.admit([partOf(prepared)]);
  return (await payAskVerify(prepared, context, options)).bundle();
}

const paidFrom = (purse: Purse | undefined, context: QueryContext): QueryContext =>
  purse?.wallet ? { ...context, wallet: purse.wallet } : context;

const partOf = ({ known, quote: most }: Prepared) => ({ index: known.offer.index, most });

async function payAskVerify(
  prepared: Prepared,
  context: QueryContext,
  options: Pick<AskOptions, 'signal' | 'purse'>,
): Promise<Verified> {
  const { signal, purse } = options;
  const { providers, verifier, wallet } = context;
  const connect = () => providers.link(prepared.known, signal);
  const verified = await payAndRepair(
    wallet,
    async (before) => {
      const payment = await pay(prepared, before, context, options);
      if (payment) purse?.signed(prepared.known.offer.index);
      return payment;
    },
    async (payment) => {
      const answered = await ask(prepared, payment, connect, context, signal);
      const checked = await verifier.verify(prepared, answered, await connect());
      if (payment) await wallet?.acknowledge(payment, answered.receipt, checked.answer.receiptHash);
      return checked;
    },
  );
  return checkSigners(verified, context);
}
