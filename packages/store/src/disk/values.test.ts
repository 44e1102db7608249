import { toSparse } from '@tributary/schemas';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { idKey, idRange, nameInKey, numberInKey, recordKey, undoKey } from './keys.ts';
import {
  decodeRevision,
  decodeVector,
  encodeRevision,
  leafIn,
  packUndo,
  storedUndo,
  unpackUndo,
  type StoredRevision,
} from './values.ts';

const name = fc.string({ unit: 'grapheme', maxLength: 12 }).filter((value) => value.isWellFormed() && !value.includes('\0'));

it('reads every record back as it was written', () => {
  const vector = fc.float32Array({ minLength: 1, maxLength: 40, noNaN: true, noDefaultInfinity: true });
  const sparse = fc.option(
    fc
      .uniqueArray(fc.nat(0xffffffff), { minLength: 1, maxLength: 9 })
      .map((indices) => toSparse({ indices, values: indices.map((_, at) => at + 0.1) })),
  );
  const metadata = fc.dictionary(name, fc.oneof(name, fc.boolean(), fc.integer(), fc.array(name)));
  fc.assert(
    fc.property(name, name, vector, sparse, metadata, (id, text, values, pairs, more) => {
      const revision: StoredRevision = {
        id,
        namespace: text,
        text,
        metadata: { ...more },
        source: null,
        licence: null,
        sell: 'full',
        salt: new Uint8Array(32).fill(5),
        version: 7,
        writeIndex: 3,
        vector: pairs === null || text.length % 2 === 0 ? values : new Float32Array(0),
        sparse: pairs,
      };
      const leaf = new Uint8Array(32).fill(6);
      const bytes = encodeRevision(revision, leaf);
      expect(leafIn(bytes)).toEqual(leaf);
      expect(decodeRevision(bytes, 'x')).toEqual(revision);
      expect(decodeVector(bytes, 'x')).toEqual(revision.vector);
    }),
  );
});

it('refuses bytes that are not a record', () => {
  expect(() => decodeRevision(Buffer.from([0, 0, 0, 9, 1]), 'slot 1')).toThrow(
    expect.objectContaining({ code: 'STORE_DAMAGED' }),
  );
  expect(() => decodeRevision(Buffer.of(), 'slot 1')).toThrow(expect.objectContaining({ code: 'STORE_DAMAGED' }));
});

it('reads undo entries back', () => {
  const undo = {
    snapshot: 4,
    time: Date.UTC(2027, 0, 1),
    leaves: new Map([
      [1, new Uint8Array(32).fill(1)],
      [4_000_000_000, new Uint8Array(32)],
    ]),
  };
  expect(unpackUndo(storedUndo(4, packUndo(undo).bytes))).toEqual(undo);
  expect(storedUndo(4, packUndo(undo).bytes)).toEqual(packUndo(undo));
});

it('keeps numbers and names in keys, in their order', () => {
  expect(numberInKey(recordKey(4_294_967_295))).toBe(4_294_967_295);
  expect(numberInKey(undoKey(2 ** 40))).toBe(2 ** 40);
  expect(Buffer.compare(recordKey(255), recordKey(256))).toBe(-1);
  fc.assert(fc.property(name, name, (namespace, id) => nameInKey(idKey(namespace, id)) === id));
});

it('finds in a range the ids with the prefix, after the one given, and no others', () => {
  fc.assert(
    fc.property(name, name, name, fc.option(name), (namespace, prefix, id, after) => {
      const key = idKey(namespace, id);
      const { gte, lt } = idRange(namespace, prefix, after);
      const inside = Buffer.compare(key, gte) >= 0 && Buffer.compare(key, lt) < 0;
      const isAfter = after === null || Buffer.compare(Buffer.from(id), Buffer.from(after)) > 0;
      expect(inside).toBe(Buffer.from(id).subarray(0, Buffer.byteLength(prefix)).equals(Buffer.from(prefix)) && isAfter);
    }),
  );
});
