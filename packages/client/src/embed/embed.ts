import { checkPins, ProofError } from '@tributary/proof';
import { embeddingPriceOf, textBytesOf } from '@tributary/proof/payment';
import { embeddingSale } from '@tributary/schemas';
import { ClientError } from '../errors.ts';
import type { KnownEmbeddingOffer } from '../discovery/types.ts';
import { ask } from '../query/ask.ts';
import { pay } from '../query/pay.ts';
import { payAndRepair } from '../query/repair.ts';
import type { AskOptions } from '../query/types.ts';
import { checkSample } from './check-sample.ts';
import { chooseSeller } from './choose-seller.ts';
import { prepareTexts } from './prepare-texts.ts';
import { splitTexts } from './split-texts.ts';
import type { EmbedContext, EmbedResult, TextsToEmbed, VerifiedTexts } from './types.ts';
import { verifyVectors } from './verify-vectors.ts';

type Checked = VerifiedTexts & { cosine: number | null };

/**
 * Buys the vectors of texts: choose, split, price, pins, then for each request, one after the other, pay, ask, verify,
 * sample, acknowledge.
 *
 * @throws TributaryError MODEL_NOT_FOUND, INPUT_SHAPE, INPUT_TOO_LARGE; ClientError MODEL_AMBIGUOUS, SPEND_CAP;
 *   ProofError EMBEDDING_MISMATCH and those of the verifier; the errors of the wallet and the provider
 */
export async function embed(asked: TextsToEmbed, client: EmbedContext, options: AskOptions = {}): Promise<EmbedResult> {
  const { signal, onQuote, purse } = options;
  const context = purse?.wallet ? { ...client, wallet: purse.wallet } : client;
  const known = await chooseSeller(asked, context, signal);
  const parts = splitTexts(asked.texts, known.offer);
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
  for (const [at, texts] of parts.entries())
    checked.push(await buy(prepareTexts(known, texts, asked.kind ?? 'document', context), names[at]!, context, options));
  return toResult(known, checked);
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

function toResult({ offer, identity }: KnownEmbeddingOffer, checked: Checked[]): EmbedResult {
  const { id, digest, dimension } = offer.model;
  const { unpinned, notProven } = checked[0]!.answer;
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
