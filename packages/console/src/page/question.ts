import { makeRequest } from '@tributary/proof';
import { quoteOf } from '@tributary/proof/payment';
import { toBase64url } from '@tributary/proof/primitives';
import { writeRequest } from '@tributary/proof/statements';
import type { Listed } from './gateway.ts';

/** What the reader asks. */
export interface Asked {
  query: string;
  /** Indexes to ask, each separately. */
  of: readonly Listed[];
  topK: number;
}

/** A question to one index, in the exact bytes that are paid for, and the most that it may cost. */
export interface Made {
  listed: Listed;
  request: { nonce: string; body: string };
  maxCharge: bigint;
}

/**
 * Makes bytes and nonce here, so that the page notices if a gateway alters any member of the question, or its price.
 */
export function makeQuestions({ query, of, topK }: Asked): Made[] {
  return of.map((listed) => {
    const request = makeRequest(listed.offer, { text: query, topK: resultsOf(listed, topK) }, null);
    const nonce = toBase64url(crypto.getRandomValues(new Uint8Array(32)));
    return { listed, request: { nonce, body: writeRequest(request) }, maxCharge: mostOf(listed, topK) };
  });
}

/** How many of the wanted results the index may be asked for. */
const resultsOf = ({ offer }: Listed, topK: number): number => Math.min(topK, offer.limits.topK);

/** The most that a question to the index may cost, by its signed offer. */
export const mostOf = (listed: Listed, topK: number): bigint => quoteOf(listed.offer, resultsOf(listed, topK));
