import { readRequest } from '@tributary/proof/statements';
import type { Bundle } from '@tributary/schemas';
import { toQuestionKey } from '../kept/question-key.ts';
import type { QuestionKey } from '../wallet/wallet.ts';
import { bundlesIn, resultAgain } from './delivery/again.ts';
import { askAll } from './ask-all.ts';
import { ask } from './ask.ts';
import { choose } from './choose.ts';
import { topKDefault } from './limits.ts';
import { merge } from './merge.ts';
import { once } from './delivery/once.ts';
import { paidFrom } from './paid-from.ts';
import { pay } from './pay.ts';
import { checkAsked, checkSigners } from './pins.ts';
import { checkSum, quote, quoteBytes, quoteFacts } from './quote.ts';
import { payAndRepair } from './repair.ts';
import { share } from './share.ts';
import type { AskOptions, MadeBytes, Prepared, QueryContext, QueryResult, Question, Verified } from './types.ts';

/** One question. With a key, it is asked and paid once. */
export async function query(question: Question, client: QueryContext, options: AskOptions = {}): Promise<QueryResult> {
  const context = paidFrom(options.purse, client);
  const key = options.key === undefined ? null : toQuestionKey(options.key, 'question', question);
  return once(key, context, options, {
    ask: () => askNow(question, key, context, options),
    again: (proofs) => resultAgain(proofs, question.topK ?? topKDefault, context),
  });
}

/**
 * The steps of a question: choose, share, quote, pins, then for each index pay, ask, verify, acknowledge, pins, and
 * finally merge.
 */
async function askNow(question: Question, key: QuestionKey | null, context: QueryContext, options: AskOptions) {
  const { signal, onQuote, purse } = options;
  const chosen = await choose(question, context, signal);
  const shares = share(question, chosen);
  const quoted = await Promise.all(shares.map((part) => quote(part.known, part.question, context)));
  const prepared = quoted.map((one) => underKey(one, key));
  checkSum(prepared, question.maxCharge);
  for (const one of prepared) checkAsked(one, context);
  if (onQuote) onQuote(await quoteFacts(prepared, context));
  await purse?.admit(prepared.map(partOf));
  const { verified, failed } = await askAll(prepared, (one) => payAskVerify(one, context, options));
  return { result: { ...merge(verified, question.topK ?? topKDefault), failed }, bought: verified };
}

/** The same for a question to one index whose exact bytes and nonce the caller made. */
export async function queryBytes(
  made: MadeBytes,
  client: QueryContext,
  options: Omit<AskOptions, 'onQuote'> = {},
): Promise<Bundle> {
  const context = paidFrom(options.purse, client);
  const { nonce, body } = made;
  const key = options.key === undefined ? null : toQuestionKey(options.key, 'bytes', { nonce, body });
  return once(key, context, options, {
    ask: async () => {
      const verified = await askBytes(made, key, context, options);
      return { result: verified.bundle(), bought: [verified] };
    },
    again: (proofs) => bundlesIn(proofs)[0]!,
  });
}

async function askBytes(made: MadeBytes, key: QuestionKey | null, context: QueryContext, options: AskOptions): Promise<Verified> {
  const request = readRequest(made.body);
  const [known] = await choose({ index: request.index }, context, options.signal);
  const bytes = { request, body: new TextEncoder().encode(made.body), bodyText: made.body, nonce: made.nonce };
  const prepared = underKey(quoteBytes(known!, bytes, made.maxCharge, context), key);
  checkAsked(prepared, context);
  await options.purse?.admit([partOf(prepared)]);
  return payAskVerify(prepared, context, options);
}

const underKey = (prepared: Prepared, key: QuestionKey | null): Prepared => (key === null ? prepared : { ...prepared, key });

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
  return checkShown(verified, context);
}

/** What the client's own trust refuses is not kept for anybody either. */
function checkShown(verified: Verified, context: QueryContext): Verified {
  try {
    return checkSigners(verified, context);
  } catch (error) {
    const { payment } = verified.answered;
    if (payment) context.wallet?.delivered(payment);
    throw error;
  }
}
