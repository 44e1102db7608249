// Everything in a bundle is checked: no byte can be changed, removed or added without the file being refused, unless it
// still spells the same value.
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeTestBundle } from './_bundle.ts';
import { seed } from './_index.ts';
import { serializeBundle, verifyBundle } from '../src/index.ts';
import { cosignNote } from '../src/testing/cosign.ts';
import { NOTE_COSIGNATURE, formatVkey } from '../src/note/vkey.ts';
import { ed25519PublicKey, formatTlogProof, parseTlogProof, utf8 } from '../src/primitives.ts';

/** A paid bundle with a result and a witness's cosignature: every part that a bundle can have. */
function bundleFile(): Uint8Array {
  const bundle = makeTestBundle({ request: (request) => ({ ...request, topK: 1 }) });
  const proof = parseTlogProof(bundle.log);
  const witness = { name: 'witness.example', seed: seed('witness') };
  const checkpoint = cosignNote({ note: proof.checkpoint, ...witness, timestamp: 1_790_000_050 });
  const vkey = formatVkey({ name: witness.name, publicKey: ed25519PublicKey(witness.seed), type: NOTE_COSIGNATURE });
  return utf8(serializeBundle({ ...bundle, log: formatTlogProof({ ...proof, checkpoint }), witnesses: [vkey] }));
}
const file = bundleFile();

test('the file itself passes', () => {
  expect(verifyBundle(file)).toMatchObject({ ok: true, failed: null });
});

test('every byte, one bit flipped: refused', { timeout: 180_000 }, () => {
  const accepted: string[] = [];
  const codes = new Map<string, number>();
  const draft = file.slice();
  for (const [at, byte] of file.entries()) {
    // The lowest bit turns most characters into another of the same kind, the hardest case; 0x20 changes the case of
    // letters.
    for (const bit of [0x01, 0x20]) {
      draft[at] = byte ^ bit;
      const { failed } = verifyBundle(draft);
      codes.set(failed?.code ?? 'none', (codes.get(failed?.code ?? 'none') ?? 0) + 1);
      if (failed === null) accepted.push(`${at}: ${String.fromCharCode(byte)} -> ${String.fromCharCode(byte ^ bit)}`);
    }
    draft[at] = byte;
  }
  expect(accepted).toEqual([]);
  for (const code of ['RECEIPT_SIGNATURE', 'VOUCHER_SIGNATURE', 'OFFER_SIGNATURE', 'IDENTITY_SIGNATURE', 'WRITE_SIGNATURE'])
    expect(codes.get(code), code).toBeGreaterThan(20);
  for (const code of ['REQUEST_HASH', 'RESPONSE_HASH', 'CHANNEL_ID', 'MANIFEST_INCLUSION', 'CHECKPOINT_SIGNATURE', 'COSIGNATURE'])
    expect(codes.get(code), code).toBeGreaterThan(0);
});

test('bytes deleted, inserted, repeated or swapped anywhere: refused, or the same value', () => {
  const place = fc.nat(file.length - 2);
  const edits = fc.oneof(
    fc.record({ at: place, remove: fc.integer({ min: 1, max: 80 }), insert: fc.constant(new Uint8Array()) }),
    fc.record({ at: place, remove: fc.constant(0), insert: fc.uint8Array({ minLength: 1, maxLength: 4 }) }),
    fc.record({ at: place, remove: fc.constant(0), insert: fc.constantFrom(...[' ', '\n', '0', ',', '{}', '\\n'].map(utf8)) }),
    place.map((at) => ({ at, remove: 2, insert: file.slice(at, at + 2).reverse() })),
    fc
      .tuple(place, fc.integer({ min: 1, max: 80 }))
      .map(([at, length]) => ({ at, remove: 0, insert: file.slice(at, at + length) })),
  );
  const text = new TextDecoder().decode(file);
  fc.assert(
    fc.property(edits, ({ at, remove, insert }) => {
      const changed = Uint8Array.from([...file.subarray(0, at), ...insert, ...file.subarray(at + remove)]);
      fc.pre(new TextDecoder().decode(changed) !== text);
      const { ok, failed } = verifyBundle(changed);
      // JSON.parse takes the last of two members of one name, which may be equal; the verifier refuses both readings.
      const twice = failed !== null && failed.message.includes('has a member twice');
      if (!twice) expect(ok).toBe(sameValue(changed));
    }),
    { numRuns: 3_000 },
  );
});

/** Only white space outside texts may change. */
function sameValue(changed: Uint8Array): boolean {
  try {
    return isDeepStrictEqual(
      JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(changed)),
      JSON.parse(new TextDecoder().decode(file)),
    );
  } catch {
    return false;
  }
}

test('a member repeated with the same value is refused: two readings are one too many', () => {
  const text = new TextDecoder().decode(file);
  const member = /"v": ?1,/.exec(text)![0];
  expect(verifyBundle(text.replace(member, member + member)).failed?.message).toContain('has a member twice');
});

test('any value in any place gives a report, never an exception', () => {
  const bundle = JSON.parse(new TextDecoder().decode(file)) as Record<string, unknown>;
  const places: (readonly string[])[] = Object.entries(bundle).flatMap(([key, value]) =>
    typeof value === 'object' && value !== null ? [[key], ...Object.keys(value).map((inner) => [key, inner])] : [[key]],
  );
  const value = fc.oneof(
    fc.jsonValue({ maxDepth: 3 }),
    fc.string({ unit: 'binary' }),
    fc.constantFrom('{}', '[]', 'null', '{"v":1}', '\n\n'),
  );
  fc.assert(
    fc.property(fc.constantFrom(...places), value, ([outer, inner], to) => {
      const draft = structuredClone(bundle);
      const holder = (inner === undefined ? draft : draft[outer!]) as Record<string, unknown>;
      fc.pre(JSON.stringify(holder[inner ?? outer!]) !== JSON.stringify(to));
      holder[inner ?? outer!] = to;
      const { ok, failed } = verifyBundle(`${JSON.stringify(draft, null, 2)}\n`);
      expect(ok).toBe(false);
      expect(failed?.message).toBeTruthy();
    }),
    { numRuns: 1_000 },
  );
});
