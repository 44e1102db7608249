import { embeddingPriceOf, textBytesOf } from '@tributary/proof/payment';
import { TributaryError } from '@tributary/schemas';
import type { KnownEmbeddingOffer } from '../discovery/types.ts';
import { ClientError } from '../errors.ts';
import type { EmbedContext, TextsToEmbed } from './types.ts';

type ChooseContext = Pick<EmbedContext, 'providers' | 'trust' | 'allowed'> & { checks: Pick<EmbedContext['checks'], 'faults'> };

/**
 * Picks the offer that the texts go to: pinned owners before allowed ones, then the cheapest. A client that names whom
 * it allows sends its texts to nobody else. Asks the network again before it gives up.
 *
 * @throws TributaryError MODEL_NOT_FOUND; ClientError MODEL_AMBIGUOUS with the digests
 */
export async function chooseSeller(
  asked: TextsToEmbed,
  context: ChooseContext,
  signal?: AbortSignal,
): Promise<KnownEmbeddingOffer> {
  const found = sellersOf(asked.model, context);
  if (found.length === 0) await context.providers.refresh(signal);
  const [first, ...others] = found.length > 0 ? found : sellersOf(asked.model, context);
  if (first === undefined) throw new TributaryError('MODEL_NOT_FOUND', whyNobody(asked.model, context));
  const digests = new Set([first, ...others].map(({ offer }) => offer.model.digest));
  if (digests.size > 1)
    throw new ClientError(
      'MODEL_AMBIGUOUS',
      `different models are sold as '${asked.model}'; name one of ${[...digests].join(', ')}`,
    );
  const bytes = textBytesOf(asked.texts);
  const priceOf = ({ offer }: KnownEmbeddingOffer) => embeddingPriceOf(offer.price, asked.texts.length, bytes);
  return others.reduce((best, one) => (priceOf(one) < priceOf(best) ? one : best), first);
}

/** Offers of this model by owners that the client may ask, those of the owners that it prefers. */
export function sellersOf(model: string, { providers, trust, allowed, checks }: ChooseContext): KnownEmbeddingOffer[] {
  const named = offersOf(model, providers.embeddings()).filter(({ identity }) => !checks.faults.has(identity.did));
  const pinned = named.filter(({ identity }) => trust?.logs.includes(identity.did));
  if (pinned.length > 0) return pinned;
  return allowed === null ? named : named.filter(({ identity }) => allowed(identity.did));
}

const offersOf = (model: string, known: KnownEmbeddingOffer[]): KnownEmbeddingOffer[] =>
  known.filter(({ offer }) => offer.model.id === model || offer.model.digest === model);

function whyNobody(model: string, { providers, checks }: ChooseContext): string {
  const offered = offersOf(model, providers.embeddings());
  if (offered.length === 0) return `nobody sells vectors of the model '${model}'`;
  return offered.every(({ identity }) => checks.faults.has(identity.did))
    ? `whoever sells vectors of '${model}' gave false ones before`
    : `'${model}' is sold only by owners that this client does not allow: name them with --allow`;
}
