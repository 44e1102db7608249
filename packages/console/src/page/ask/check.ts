import { verifyBundle, type VerifiedAnswer } from '@tributary/proof';
import type { Trust } from '@tributary/schemas';
import type { KnownOffer } from '@tributary/client/http';
import { pageAnswerAgeMs } from '../limits.ts';
import type { Made } from './question.ts';

/** The result of verifying one proof in this browser. */
export interface Checked {
  known: KnownOffer;
  /** Text of the proof file. */
  file: string;
  failed: { code: string; message: string } | null;
  /** The verified answer. The page shows results only from here. */
  answer: VerifiedAnswer | null;
  trusted: boolean;
  notProven: readonly string[];
  receipt: string | null;
  charge: string | null;
  servedAt: number | null;
}

/** Verifies that a proof answers exactly the question that this page made, byte for byte, and within its price. */
export function check({ known, request, maxCharge }: Made, bundle: unknown, trust: Trust, now: number): Checked {
  const file = `${JSON.stringify(bundle, null, 2)}\n`;
  const { verified, failed, facts, trusted, notProven } = verifyBundle(bundle, {
    trust,
    now,
    maxAgeMs: pageAnswerAgeMs,
    expected: { request, maxCharge: String(maxCharge), model: known.offer.card.model },
  });
  const nothing = { known, file, answer: null, trusted: false, notProven: [], receipt: null, charge: null, servedAt: null };
  if (failed || !verified || !facts) return { ...nothing, failed };
  const { receiptHash: receipt, charge, servedAt } = facts;
  return { known, file, failed: null, answer: verified, trusted, notProven, receipt, charge, servedAt };
}
