import { ProofError, verifyBundle } from '@tributary/proof';
import type { Bundle } from '@tributary/schemas';
import type { PaidProof } from '../../kept/types.ts';
import { merge, type Mergeable } from '../merge.ts';
import type { QueryContext, QueryResult } from '../types.ts';

/** The kept proofs that are of an index. */
export const bundlesIn = (proofs: readonly PaidProof[]): Bundle[] => proofs.filter((proof) => proof.type === 'tributary/bundle');

/**
 * The result of a question from its kept proofs, which are verified again.
 *
 * @throws ProofError when they fail a check, for example because the trust has changed
 */
export function resultAgain(proofs: readonly PaidProof[], topK: number, context: Pick<QueryContext, 'trust'>): QueryResult {
  return {
    ...merge(
      bundlesIn(proofs).map((bundle) => verifiedAgain(bundle, context)),
      topK,
    ),
    failed: [],
  };
}

/** By the clock of its receipt, which was compared with the client's when the answer came. */
function verifiedAgain(bundle: Bundle, { trust }: Pick<QueryContext, 'trust'>): Mergeable {
  const now = bundle.receipt.servedAt;
  const expected = { request: bundle.request, askedAt: now };
  const { verified: answer, failed } = verifyBundle(bundle, { now, expected, ...(trust ? { trust, requirePins: true } : {}) });
  if (answer === null) throw new ProofError(failed?.code ?? 'BUNDLE_SHAPE', failed?.message ?? 'the kept proof cannot be read');
  const prepared = { request: answer.request, known: { offer: answer.offer } };
  return { prepared, answered: { receipt: bundle.receipt, payment: null }, answer, bundle: () => bundle };
}
