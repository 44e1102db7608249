// An index that a writer writes, too: the usual index with its second and third write signed by the writer, and a list
// of writers in its last manifest.
import type { Bundle, Delegation, SignedStatement } from '@tributary/schemas';
import { ed25519PublicKey } from '../src/primitives.ts';
import { TAG_WRITERS, didFromPublicKey, signStatement } from '../src/statements.ts';
import { makeTestBundle } from './_bundle.ts';
import { INDEX, OWNER, buildIndex, ownerKey, seed, usualRecord } from './_index.ts';

const writerKey = seed('writer');
export const WRITER = didFromPublicKey(ed25519PublicKey(writerKey));
export { OWNER };

export const delegation = (change: Partial<Delegation> = {}): Delegation => ({
  writer: WRITER,
  namespace: '',
  from: 2,
  until: null,
  ...change,
});

/** A list of writers, signed by the owner. */
export function listOf(
  writers: readonly object[],
  { key = ownerKey, index = INDEX, tag = TAG_WRITERS }: { key?: Uint8Array; index?: string; tag?: Uint8Array } = {},
): SignedStatement & { hash: string } {
  return signStatement(tag, { v: 1, type: 'tributary/writers', index, writers }, key);
}

const without = ({ body, signature }: SignedStatement): SignedStatement => ({ body, signature });

/**
 * A bundle of that index.
 *
 * @param list in the manifest; null: it names none
 * @param delivered the list in the bundle
 */
export function delegatedBundle(
  list: (SignedStatement & { hash: string }) | null,
  delivered: SignedStatement | null = list,
  { by = writerKey, topK = 5 }: { by?: Uint8Array; topK?: number } = {},
): Bundle {
  const overrides = list === null ? {} : { writers: list.hash };
  const index = buildIndex(overrides, usualRecord, (sequence) => (sequence === 1 ? ownerKey : by));
  const bundle = makeTestBundle({ index, request: (request) => ({ ...request, topK }) });
  return delivered === null ? bundle : { ...bundle, writers: without(delivered) };
}
