import type { KnownOffer } from '@tributary/client/http';
import { makeRequest } from '@tributary/proof';
import { quoteOf } from '@tributary/proof/payment';
import { toBase64url } from '@tributary/proof/primitives';
import { writeRequest } from '@tributary/proof/statements';

/** What the reader asks. */
export interface Asked {
  query: string;
  /** Indexes to ask, each separately. */
  of: readonly KnownOffer[];
  topK: number;
}

/** A question to one index, in the exact bytes that are paid for, and the most that it may cost. */
export interface Made {
  known: KnownOffer;
  request: { nonce: string; body: string };
  maxCharge: bigint;
}

/**
 * Makes bytes and nonce here, so that the page notices if a gateway alters any member of the question, or its price.
 */
export function makeQuestions({ query, of, topK }: Asked): Made[] {
  return of.map((known) => {
    const request = makeRequest(known.offer, { text: query, topK: resultsOf(known, topK) }, null);
    const nonce = toBase64url(crypto.getRandomValues(new Uint8Array(32)));
    return { known, request: { nonce, body: writeRequest(request) }, maxCharge: mostOf(known, topK) };
  });
}

/** How many of the wanted results the index may be asked for. */
const resultsOf = ({ offer }: KnownOffer, topK: number): number => Math.min(topK, offer.limits.topK);

/** The most that a question to the index may cost, by its signed offer. */
export const mostOf = (known: KnownOffer, topK: number): bigint => quoteOf(known.offer, resultsOf(known, topK));
