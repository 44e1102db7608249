// For tests of trust files and witnesses.
import type { Bundle, Trust } from '@tributary/schemas';
import { SERVED_AT, addressOf, makeTestBundle, payeeKey } from './_bundle.ts';
import { OWNER, seed } from './_index.ts';
import { serializeBundle, verifyBundle, type BundleOptions } from '../src/index.ts';
import { cosignNote } from '../src/testing/cosign.ts';
import { NOTE_COSIGNATURE, formatVkey } from '../src/note/vkey.ts';
import { ed25519PublicKey, formatTlogProof, parseTlogProof } from '../src/primitives.ts';

export const bundle = makeTestBundle();
export const file = serializeBundle(bundle);
export const WITNESSES = ['a.example', 'b.example', 'c.example'];
export const vkey = (name: string, type: 1 | 4 = NOTE_COSIGNATURE, keyOf = name) =>
  formatVkey({ name, publicKey: ed25519PublicKey(seed(keyOf)), type });
export const trustOf = (changes: Partial<Trust>): Trust => ({
  v: 1,
  type: 'tributary/trust',
  signers: [],
  logs: [],
  payees: [],
  witnesses: [],
  quorum: 0,
  ...changes,
});
export const everyone = { signers: [OWNER], logs: [OWNER], payees: [addressOf(payeeKey)] };

/** The bundle with cosignatures by the named witnesses, made `age` seconds before the answer. */
export function cosigned(
  names: readonly string[],
  options: { age?: number; listed?: readonly string[]; base?: Bundle } = {},
): Bundle {
  const { age = 10, listed = names.map((name) => vkey(name)), base = bundle } = options;
  const proof = parseTlogProof(base.log);
  const timestamp = Math.floor(SERVED_AT / 1_000) - age;
  const checkpoint = names.reduce((note, name) => cosignNote({ note, name, seed: seed(name), timestamp }), proof.checkpoint);
  return { ...base, log: formatTlogProof({ ...proof, checkpoint }), witnesses: [...listed] };
}
export const verify = (value: Bundle, trust?: Trust, options: BundleOptions = {}) =>
  verifyBundle(serializeBundle(value), trust === undefined ? options : { ...options, trust });
