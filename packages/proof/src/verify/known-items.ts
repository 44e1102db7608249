import type { ResultItem } from '@tributary/schemas';
import type { KnownItem, VerifiedQuery, VerifiedReceipt, VerifiedSnapshot, VerifierCaches } from './types.ts';

/** Approximate memory of an entry beside its characters and vectors, in bytes. */
const ENTRY_BYTES = 2_000;

/** Approximate memory of an item, in bytes. */
export function itemWeight({ parts, vector, text }: KnownItem): number {
  return ENTRY_BYTES + parts.reduce((sum, part) => sum + part.length, 0) + vector.byteLength + 100 * (text?.counts.size ?? 0);
}

/**
 * The results that were verified before in this very snapshot and slot, and are equal in every part; null for others.
 * Manifest, slot and parts determine the outcome of the inclusion checks and of the commitments, so those need no
 * second run. All else is checked for every answer: order, filter, scores, charge, receipt, writers, trust.
 */
export function knownItems(
  { answer }: VerifiedReceipt,
  { hash }: VerifiedSnapshot,
  caches: VerifierCaches,
): (KnownItem | null)[] {
  return answer.results.map((item) => {
    const known = caches.items.get(keyOf(hash, item));
    return known !== undefined && isSame(known.parts, partsOf(item)) ? known : null;
  });
}

/** Remembers the results of an answer that passed all checks. */
export function rememberItems(
  { answer }: VerifiedReceipt,
  { hash }: VerifiedSnapshot,
  { resultVectors, resultSparse, resultTexts }: VerifiedQuery,
  known: readonly (KnownItem | null)[],
  { items }: VerifierCaches,
): void {
  answer.results.forEach((item, at) => {
    const text = resultTexts?.[at] ?? null;
    const before = known[at]!;
    if (before !== null && (before.text !== null || text === null)) return;
    const parts = before?.parts ?? partsOf(item);
    items.set(keyOf(hash, item), { parts, vector: resultVectors[at]!, sparse: resultSparse[at]!, text });
  });
}

const keyOf = (manifest: string, { slot }: ResultItem): string => `${manifest} ${slot}`;

/** Lists of other lengths cannot have the same parts, because their lengths are among them. */
function partsOf({ commitments, shown, path, write, writeIndex, writePath }: ResultItem): string[] {
  const { id, namespace, text, vector, source, licence, metadata } = shown;
  const fields = [id, namespace, text, vector, source, licence].map(({ salt }) => salt);
  return [
    write,
    `${writeIndex} ${commitments.length} ${path.length} ${writePath.length}`,
    ...commitments,
    ...path,
    ...writePath,
    ...fields,
    id.value,
    namespace.value,
    text.value,
    vector.value,
    JSON.stringify([vector.sparse ?? null, source.value, licence.value, metadata]),
  ];
}

const isSame = (known: readonly string[], parts: readonly string[]): boolean =>
  known.length === parts.length && known.every((part, at) => part === parts[at]);
