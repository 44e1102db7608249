// The bytes of a shown record: every record has them, and no others are read.
import type { ShownRecord } from '@tributary/schemas';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { discloseRecord } from '../../test/_disclose.ts';
import { concat, fromBase64url, toBase64url, toHex, utf8 } from '../bytes.ts';
import type { CommittedRecord } from './commit.ts';
import { showRecord } from './show.ts';
import { decodeShown, encodeShown, shownHash } from './shown-bytes.ts';

const model = 'ab'.repeat(32);
const write = 'cd'.repeat(32);
const salt = new Uint8Array(32).fill(7);
const hash = (byte: number) => toBase64url(new Uint8Array(32).fill(byte));
const plain: CommittedRecord = {
  id: 'r1',
  namespace: '',
  text: 'Grüße "quoted"',
  vector: Float32Array.of(1, -0.5, 3),
  sparse: { indices: Uint32Array.of(3, 65_536), values: Float32Array.of(1, 2) },
  metadata: { year: 2024, '10': true, B: 'x', a: ['p', 'q'] },
  source: null,
  licence: 'CC-BY-4.0',
};
const shownOf = (record: CommittedRecord, hashes = 2): ShownRecord => ({
  ...discloseRecord(record, salt, model),
  write,
  writeIndex: 70_000,
  writePath: Array.from({ length: hashes }, (_, at) => hash(at)),
});
/** As plain values: what is read becomes text when it is looked at. */
const readPlain = (bytes: Uint8Array) => structuredClone(decodeShown(bytes).record);

describe('the bytes of a record', () => {
  it('hold all that an answer says about it', () => {
    for (const record of [
      plain,
      { ...plain, sparse: null },
      { ...plain, vector: new Float32Array(0) },
      { ...plain, metadata: {} },
    ])
      expect(readPlain(encodeShown(shownOf(record)))).toEqual(shownOf(record));
  });

  it('do so for any record, and its name is their hash', () => {
    const value = fc.oneof(fc.string(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean(), fc.array(fc.string()));
    const values = fc.array(fc.float({ noNaN: true }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(fc.string(), fc.dictionary(fc.string({ minLength: 1 }), value), values, (text, metadata, vector) => {
        fc.pre(text.isWellFormed() && !Object.hasOwn(metadata, '__proto__'));
        const record = { ...plain, text, metadata, vector: Float32Array.from(vector) };
        const shown = JSON.parse(JSON.stringify(shownOf(record))) as ShownRecord;
        const bytes = encodeShown(shown);
        expect(readPlain(bytes)).toEqual(shown);
        expect(encodeShown(readPlain(bytes))).toEqual(bytes);
        const place = { ...shown, writePath: shown.writePath.map(fromBase64url) };
        expect(showRecord(record, salt, model, place).bytes).toEqual(bytes);
        expect(shownHash(bytes)).not.toBe(shownHash(concat(bytes, Uint8Array.of(0))));
      }),
    );
  });

  it('are laid out as docs/spec/query.md says', () => {
    const least = shownOf({ ...plain, text: '', metadata: {}, sparse: null, licence: null, vector: Float32Array.of(1) }, 1);
    const json = utf8('{"id":"r1","namespace":"","text":"","source":null,"licence":null,"metadata":{}}');
    const raw = toHex(encodeShown(least));
    const start = `000000${json.length.toString(16)}${toHex(json)}`;
    expect(raw.startsWith(start)).toBe(true);
    const end = `000000010000803f00000000${write}0001117001${'00'.repeat(32)}`;
    expect(raw.endsWith(end)).toBe(true);
    expect(raw.length - start.length - end.length).toBe(2 * 12 * 32); // six salts, six commitments
  });

  it('that were changed anywhere are another record, or none, but never the same', () => {
    const bytes = encodeShown(shownOf(plain));
    const honest = readPlain(bytes);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
        const altered = bytes.slice();
        altered[at]! ^= by;
        let read: ShownRecord;
        try {
          read = readPlain(altered);
        } catch {
          return;
        }
        expect(read).not.toEqual(honest);
        expect(encodeShown(read)).toEqual(altered);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each<[string, (bytes: Uint8Array) => Uint8Array]>([
    ['nothing', () => new Uint8Array(0)],
    ['bytes that end early', (bytes) => bytes.subarray(0, -1)],
    ['bytes behind the end', (bytes) => concat(bytes, Uint8Array.of(0))],
    ['a text longer than the bytes', (bytes) => concat(Uint8Array.of(255, 255, 255, 255), bytes.subarray(4))],
    ['a text of another length', (bytes) => concat(Uint8Array.of(0, 0, 0, bytes[3]! + 1), bytes.subarray(4))],
    ['no vector', () => encodeShown(shownOf({ ...plain, vector: new Float32Array(0), sparse: null }))],
    ['white space in its text', (bytes) => reworded(bytes, '"id":', '"id": ')],
    ['members in another order', (bytes) => reworded(bytes, '"namespace":"","text"', '"text"')],
    ['another member', (bytes) => reworded(bytes, '"metadata":{', '"more":1,"metadata":{')],
    ['a key that objects do not keep', (bytes) => reworded(bytes, '"B":', '"__proto__":')],
  ])('refuses %s', (_, alter) => {
    expect(() => decodeShown(alter(encodeShown(shownOf(plain))))).toThrow();
  });

  it('refuses to write what has no bytes', () => {
    const shown = shownOf(plain);
    expect(() => encodeShown({ ...shown, commitments: shown.commitments.slice(1) })).toThrow(RangeError);
    expect(() => encodeShown({ ...shown, writePath: ['AAAA'] })).toThrow(TypeError);
    expect(() => encodeShown(shownOf(plain, 49))).toThrow(RangeError);
  });
});

/** The bytes with another JSON text, whose length is stated rightly. */
function reworded(bytes: Uint8Array, from: string, to: string): Uint8Array {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  const json = new TextDecoder().decode(bytes.subarray(4, 4 + length));
  const changed = utf8(json.replace(from, to));
  expect(changed.length).not.toBe(length);
  const prefix = new Uint8Array(4);
  new DataView(prefix.buffer).setUint32(0, changed.length);
  return concat(prefix, changed, bytes.subarray(4 + length));
}
