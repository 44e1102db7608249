import { serializeBundle, verifyBundle, type VerifiedAnswer } from '@tributary/proof';
import { isTributaryError, type Bundle, type Trust } from '@tributary/schemas';
import type { Asked } from './gateway.ts';
import { pageAnswerAgeMs } from './limits.ts';

/** The verdict on one proof, reached in this browser. */
export interface Checked {
  index: string;
  /** Exact text of the proof file; null when what came is no proof at all. */
  file: string | null;
  failed: { code: string; message: string } | null;
  /** What was verified; the page shows results from here only. */
  answer: VerifiedAnswer | null;
  trusted: boolean;
  notProven: readonly string[];
  receipt: string | null;
  charge: string | null;
  servedAt: number | null;
}

/** Verifies a proof and that it is one of the question asked: a gateway could hand out the right proof of a wrong question. */
export function check(asked: Asked, part: { index: string; proof: Bundle }, trust: Trust, now: number): Checked {
  const nothing = {
    index: part.index,
    file: null,
    answer: null,
    trusted: false,
    notProven: [],
    receipt: null,
    charge: null,
    servedAt: null,
  };
  let file: string;
  try {
    file = serializeBundle(part.proof);
  } catch (error) {
    if (!isTributaryError(error)) throw error;
    return { ...nothing, failed: { code: 'BUNDLE_SHAPE', message: error.message } };
  }
  const { verified, failed, facts, trusted, notProven } = verifyBundle(file, { trust, now, maxAgeMs: pageAnswerAgeMs });
  if (failed || !verified || !facts) return { ...nothing, file, failed };
  const other = differenceTo(asked, verified);
  if (other) return { ...nothing, file, failed: { code: 'REQUEST_MISMATCH', message: other } };
  const byGateway = verified.request.vector === null ? [] : ['gatewayEmbedding'];
  const { receiptHash: receipt, charge, servedAt } = facts;
  return {
    index: verified.offer.index,
    file,
    failed: null,
    answer: verified,
    trusted,
    notProven: [...notProven, ...byGateway],
    receipt,
    charge,
    servedAt,
  };
}

function differenceTo(asked: Asked, { request, offer }: VerifiedAnswer): string | null {
  if (request.text !== asked.query) return 'the proof is of another question than yours';
  if (request.topK !== asked.topK) return `the proof is of a question for ${request.topK} results; you asked for ${asked.topK}`;
  if (request.filter !== null || request.namespace !== '') return 'the proof is of a question with a filter that you did not set';
  const named = asked.index === '' || offer.index === asked.index || offer.index.startsWith(`${asked.index}@`);
  return named ? null : `the proof is of an answer from ${offer.index}; you asked ${asked.index}`;
}
