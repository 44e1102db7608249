import { makeRequest, textToEmbed } from '@tributary/proof';
import { quoteOf } from '@tributary/proof/payment';
import { fromBase64url, toBase64url } from '@tributary/proof/primitives';
import { requestHash } from '@tributary/proof/statements';
import { requestBytesMax, TributaryError } from '@tributary/schemas';
import type { KnownOffer } from '../discovery/types.ts';
import { ClientError } from '../errors.ts';
import { queryTimeoutMsDefault } from './limits.ts';
import type { AnswerVerifier, Order, Prepared, QueryContext, Question, QuoteFacts } from './types.ts';

/** What is needed to write a question. */
export interface QuoteContext extends Pick<QueryContext, 'embed' | 'randomBytes' | 'now' | 'owner'> {
  verifier: Pick<AnswerVerifier, 'headSize'>;
}

/**
 * Writes the exact bytes of the question that will be paid for, and computes the most that it can cost.
 *
 * @throws TributaryError INPUT_SHAPE, INPUT_TOO_LARGE, TOPK_CAP; ClientError SPEND_CAP when it could cost more than the
 *   caller allows
 */
export async function quote(known: KnownOffer, question: Question, context: QuoteContext): Promise<Prepared> {
  const text = textToEmbed(question, known.offer.card);
  const vector = text !== null && context.embed ? await context.embed(text, known.offer.card.model) : null;
  const request = makeRequest(known.offer, question, vector);
  const bodyText = JSON.stringify(request); // makeRequest has checked it
  return quoteBytes(
    known,
    { request, body: new TextEncoder().encode(bodyText), bodyText, nonce: toBase64url(context.randomBytes(32)) },
    question.maxCharge,
    context,
  );
}

/** The same for a question whose bytes and nonce the caller made. */
export function quoteBytes(
  known: KnownOffer,
  made: Pick<Prepared, 'request' | 'body' | 'bodyText' | 'nonce'>,
  maxCharge: bigint | undefined,
  context: Pick<QuoteContext, 'now' | 'verifier' | 'owner'>,
): Prepared {
  if (made.request.topK > known.offer.limits.topK) {
    throw new TributaryError(
      'TOPK_CAP',
      `topK is ${made.request.topK}; ${known.offer.index} gives at most ${known.offer.limits.topK}`,
    );
  }
  if (made.body.length > requestBytesMax) {
    throw new TributaryError(
      'INPUT_TOO_LARGE',
      `the question has ${made.body.length} bytes; a request has at most ${requestBytesMax}. Nothing was paid`,
    );
  }
  const cost = known.identity.did === context.owner ? 0n : quoteOf(known.offer, made.request.topK);
  if (maxCharge !== undefined && cost > maxCharge) {
    throw new ClientError('SPEND_CAP', `the query may cost ${cost} ${known.offer.unit}; you allow ${maxCharge}`);
  }
  const wait = Math.min(queryTimeoutMsDefault, known.offer.deadlineMaxMs);
  const hash = requestHash(fromBase64url(made.nonce), made.body);
  return {
    ...made,
    known,
    sale: known.offer.index,
    requestHash: hash,
    quote: cost,
    deadline: context.now() + wait,
    headSize: context.verifier.headSize(known.offer.index),
  };
}

/**
 * The caller's limit is for the whole question, however many indexes it goes to.
 *
 * @throws ClientError SPEND_CAP
 */
export function checkSum(prepared: Pick<Order, 'quote'>[], maxCharge: bigint | undefined): void {
  const sum = sumOf(prepared);
  if (maxCharge !== undefined && sum > maxCharge)
    throw new ClientError('SPEND_CAP', `the ${prepared.length} parts may cost ${sum}; you allow ${maxCharge}`);
}

/** What the question may cost, reported before the first voucher is signed. */
export async function quoteFacts(
  prepared: Pick<Order, 'quote' | 'known'>[],
  { wallet }: Pick<QueryContext, 'wallet'>,
): Promise<QuoteFacts> {
  const most = sumOf(prepared);
  const open = (await wallet?.totals())?.couldLose ?? 0n;
  return { most, couldLose: open + most, unit: prepared[0]!.known.offer.unit };
}

const sumOf = (prepared: Pick<Order, 'quote'>[]): bigint => prepared.reduce((total, { quote: cost }) => total + cost, 0n);
