import { checkPins, ProofError, verifyEmbeddings } from '@tributary/proof';
import { embeddingPriceOf, textBytesOf } from '@tributary/proof/payment';
import { embeddingSale, TributaryError } from '@tributary/schemas';
import { ClientError } from '../errors.ts';
import type { KnownEmbeddingOffer } from '../discovery/types.ts';
import { toQuestionKey } from '../kept/question-key.ts';
import type { PaidProof } from '../kept/types.ts';
import { ask } from '../query/ask.ts';
import { keepMissed } from '../query/delivery/hand-over.ts';
import { once } from '../query/delivery/once.ts';
import { paidFrom } from '../query/paid-from.ts';
import { pay } from '../query/pay.ts';
import { payAndRepair } from '../query/repair.ts';
import type { AskOptions } from '../query/types.ts';
import type { QuestionKey } from '../wallet/wallet.ts';
import { checkSample } from './check-sample.ts';
import { chooseSeller } from './choose-seller.ts';
import { prepareTexts } from './prepare-texts.ts';
import { splitTexts } from './split-texts.ts';
import type { EmbedContext, EmbedResult, TextsToEmbed, VerifiedTexts } from './types.ts';
import { verifyVectors } from './verify-vectors.ts';

type Checked = VerifiedTexts & { cosine: number | null };

/**
 * Buys the vectors of texts. With a key, they are bought once.
 *
 * @throws TributaryError MODEL_NOT_FOUND, INPUT_SHAPE, INPUT_TOO_LARGE; ClientError MODEL_AMBIGUOUS, SPEND_CAP;
 *   ProofError EMBEDDING_MISMATCH and those of the verifier; the errors of the wallet, of keys and of the provider
 */
export async function embed(asked: TextsToEmbed, client: EmbedContext, options: AskOptions = {}): Promise<EmbedResult> {
  const context = paidFrom(options.purse, client);
  const key = options.key === undefined ? null : toQuestionKey(options.key, 'texts', asked);
  return once(key, context, options, {
    ask: () => embedNow(asked, key, context, options),
    again: (proofs) => vectorsAgain(proofs, context),
  });
}

/**
 * The steps: choose, split, price, pins, then for each request, one after the other, pay, ask, verify, sample,
 * acknowledge. When a request fails, the answers to those before it are kept.
 */
async function embedNow(asked: TextsToEmbed, key: QuestionKey | null, context: EmbedContext, options: AskOptions) {
  const { signal, onQuote, purse } = options;
  const known = await chooseSeller(asked, context, signal);
  const parts = splitTexts(asked.texts, known.offer);
  if (key !== null && parts.length > 1) {
    throw new TributaryError(
      'INPUT_TOO_LARGE',
      `the texts take ${parts.length} requests to this seller; with a key they must fit in one: send fewer`,
    );
  }
  const prices = parts.map((texts) => priceOf(known, texts, context));
  const most = prices.reduce((sum, price) => sum + price, 0n);
  if (asked.maxCharge !== undefined && most > asked.maxCharge)
    throw new ClientError('SPEND_CAP', `the vectors cost ${most} ${known.offer.unit}; you allow ${asked.maxCharge}`);
  if (context.trust) checkPins(context.trust, { identity: known.identity, index: null, paid: most > 0n });
  const open = (await context.wallet?.totals())?.couldLose ?? 0n;
  onQuote?.({ most, couldLose: open + most, unit: known.offer.unit });
  const names = parts.map((_, at) => partName(known, at));
  await purse?.admit(names.map((index, at) => ({ index, most: prices[at]! })));
  const checked: Checked[] = [];
  for (const [at, texts] of parts.entries()) {
    const prepared = prepareTexts(known, texts, asked.kind ?? 'document', context);
    const bought = buy({ ...prepared, ...(key === null ? {} : { key }) }, names[at]!, context, options);
    checked.push(await bought.catch((error: unknown) => keepRest(checked, context, error)));
  }
  return { result: toResult(checked), bought: checked };
}

async function keepRest(bought: Checked[], context: EmbedContext, error: unknown): Promise<never> {
  await keepMissed(bought, context).catch(() => undefined);
  throw error;
}

/** Names a request of a call, so that its purse knows what was charged when a later one fails. */
const partName = ({ offer }: KnownEmbeddingOffer, at: number): string =>
  embeddingSale(offer.model.digest) + (at === 0 ? '' : `/${at + 1}`);

const priceOf = ({ offer, identity }: KnownEmbeddingOffer, texts: string[], { owner }: EmbedContext): bigint =>
  identity.did === owner ? 0n : embeddingPriceOf(offer.price, texts.length, textBytesOf(texts));

async function buy(
  prepared: VerifiedTexts['prepared'],
  name: string,
  context: EmbedContext,
  { signal, purse }: AskOptions,
): Promise<Checked> {
  const { providers, wallet } = context;
  return payAndRepair(
    wallet,
    async (before) => {
      mustBeTrusted(prepared.known, context);
      const payment = await pay(prepared, before, context, { ...(signal ? { signal } : {}), ...(purse ? { purse } : {}) });
      if (payment) purse?.signed(name);
      return payment;
    },
    async (payment) => {
      const answered = await ask(prepared, payment, () => providers.link(prepared.known, signal), context, signal);
      const verified = verifyVectors(prepared, answered, context);
      const cosine = await checkSample(verified, context);
      if (payment) await wallet?.acknowledge(payment, answered.receipt, verified.answer.receiptHash);
      purse?.charged?.(name, BigInt(answered.receipt.charge));
      return { ...verified, cosine };
    },
  );
}

/** Another call may have found it out meanwhile. */
function mustBeTrusted({ identity, offer }: KnownEmbeddingOffer, { checks }: EmbedContext): void {
  if (checks.faults.has(identity.did))
    throw new ProofError('EMBEDDING_MISMATCH', `${identity.did} sold a false vector of ${offer.model.id}; it is not asked again`);
}

/** What a result is made of: an answer as it came, or as it was kept. */
interface Sold extends Pick<Checked, 'answer' | 'bundle' | 'cosine'> {
  answered: { receipt: Pick<Checked['answered']['receipt'], 'charge'> };
}

/** @throws ProofError when the kept proof fails a check, for example because the trust has changed */
function vectorsAgain(proofs: readonly PaidProof[], { trust }: Pick<EmbedContext, 'trust'>): EmbedResult {
  const bundles = proofs.filter((proof) => proof.type === 'tributary/embedding-bundle');
  return toResult(
    bundles.map((bundle) => {
      const now = bundle.receipt.servedAt; // it was compared with the client's clock when the answer came
      const expected = { request: bundle.request, askedAt: now };
      const answer = verifyEmbeddings(bundle, { now, expected, ...(trust ? { trust, requirePins: true } : {}) });
      return { answer, answered: { receipt: bundle.receipt }, bundle: () => bundle, cosine: null };
    }),
  );
}

function toResult(checked: Sold[]): EmbedResult {
  const { unpinned, notProven, offer, identity } = checked[0]!.answer;
  const { id, digest, dimension } = offer.model;
  return {
    vectors: checked.flatMap(({ answer }) => answer.vectors),
    tokens: checked.reduce((sum, { answer }) => sum + answer.answer.tokens, 0),
    model: { id, digest, dimension },
    provider: identity.did,
    usage: {
      charge: String(checked.reduce((sum, { answered }) => sum + BigInt(answered.receipt.charge), 0n)),
      unit: offer.unit,
    },
    answers: checked.map(({ answered, answer, cosine, bundle }) => ({
      receipt: answer.receiptHash,
      charge: answered.receipt.charge,
      texts: answer.vectors.length,
      cosine,
      bundle,
    })),
    pinned: unpinned.length === 0,
    unpinned,
    notProven: [...notProven],
  };
}
