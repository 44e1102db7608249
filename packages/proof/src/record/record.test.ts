import type { ShownFields, Source } from '@tributary/schemas';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hmacSha256, sha256 } from '#crypto';
import { discloseRecord } from '../../test/_disclose.ts';
import { concat, fromBase64url, fromHex, fromUtf8, toBase64url, toHex, utf8 } from '../bytes.ts';
import { commitField, commitRecord, commitShown, fieldSalt, recordCommitment, type CommittedRecord } from './commit.ts';
import { FIELD_NAMES, metadataKeys, sourceValueBytes, vectorValueBytes } from './fields.ts';
import { deleteEntry, LEAF_LIVE, leafEntry, putEntry, tombstoneEntry } from './leaf.ts';
import { sparseFromBase64url, sparseToBase64url } from './sparse-bytes.ts';

const model = 'ab'.repeat(32);
const salt = new Uint8Array(32).fill(7);
const source: Source = {
  document: 'notes.md',
  uri: null,
  title: 'Notes',
  context: 'A > B',
  sha256: 'cd'.repeat(32),
  start: 0,
  end: 12,
  page: 1,
  pageEnd: null,
};
const record: CommittedRecord = {
  id: 'r1',
  namespace: '',
  text: 'Grüße',
  vector: Float32Array.of(1, -0.5),
  sparse: null,
  metadata: { year: 2024, '10': true, B: 'x', a: ['p', 'q'], __proto: 'y' },
  source,
  licence: 'CC-BY-4.0',
};

/** As a verifier commits to what is shown. */
function commit(shown: ShownFields, modelDigest: string) {
  const { id, namespace, text, vector, source: from, licence, metadata } = shown;
  const fields = [id, namespace, text, vector, from, licence, ...metadataKeys(metadata).map((key) => metadata[key]!)];
  const [dense, sparse] = [fromBase64url(vector.value), fromBase64url(vector.sparse ?? '')];
  return commitShown(shown, { salts: fields.map((field) => fromBase64url(field.salt)), dense, sparse }, modelDigest);
}

describe('value bytes', () => {
  it('of a vector name model, type, dimension, values and sparse values', () => {
    const sparse = { indices: Uint32Array.of(3, 65_536), values: Float32Array.of(1, 2) };
    expect(toHex(vectorValueBytes(record.vector, sparse, model))).toBe(
      `${model}01000000020000803f000000bf00000002030000000000803f0000010000000040`,
    );
    expect(toHex(vectorValueBytes(record.vector, null, model))).toBe(`${model}01000000020000803f000000bf00000000`);
  });

  it('of a source have members in the order of the specification, whatever the order given', () => {
    const expected = `{"document":"notes.md","uri":null,"title":"Notes","context":"A > B","sha256":"${source.sha256}","start":0,"end":12,"page":1,"pageEnd":null}`;
    const shuffled = Object.fromEntries(Object.entries(source).reverse()) as Source;
    expect(fromUtf8(sourceValueBytes(shuffled))).toBe(expected);
    expect(fromUtf8(sourceValueBytes(null))).toBe('null');
  });
});

describe('commitments', () => {
  it('are built as docs/spec/record.md says', () => {
    const saltOfText = hmacSha256(salt, utf8('tributary/salt/v1\ntext'));
    expect(fieldSalt(salt, 'text')).toEqual(saltOfText);
    const preimage = concat(utf8('tributary/field/v1\n'), saltOfText, Uint8Array.of(0, 4), utf8('text'), utf8('Grüße'));
    const made = commitRecord(record, salt, model);
    expect(made.commitments[2]).toEqual(sha256(preimage));
    expect(made.recordCommitment).toEqual(
      sha256(concat(utf8('tributary/record/v1\n'), Uint8Array.of(0, made.commitments.length), ...made.commitments)),
    );
  });

  it('stand in order: fixed fields, then metadata keys by UTF-16 code units', () => {
    const { names } = commitRecord(record, salt, model);
    expect(names).toEqual([...FIELD_NAMES, 'm:10', 'm:B', 'm:__proto', 'm:a', 'm:year']);
    const keys = { '\u{1f600}': 1, '\uffff': 2, z: 3 };
    expect(commitRecord({ ...record, metadata: keys }, salt, model).names.slice(6)).toEqual(['m:z', 'm:\u{1f600}', 'm:\uffff']);
  });

  it('differ for every field that differs, and for every salt', () => {
    const base = commitRecord(record, salt, model);
    const variants: CommittedRecord[] = [
      { ...record, id: 'r2' },
      { ...record, namespace: 'n' },
      { ...record, text: 'Gruesse' },
      { ...record, vector: Float32Array.of(1, 0.5) },
      { ...record, source: { ...source, end: 13 } },
      { ...record, licence: null },
    ];
    for (const [position, variant] of variants.entries()) {
      const { commitments } = commitRecord(variant, salt, model);
      const changed = commitments.map((value, at) => toHex(value) !== toHex(base.commitments[at]!));
      expect(changed.indexOf(true)).toBe(position);
      expect(changed.filter(Boolean)).toHaveLength(1);
    }
    expect(commitRecord(record, salt, 'ac'.repeat(32)).commitments[3]).not.toEqual(base.commitments[3]);
    const other = commitRecord(record, salt.with(0, 0), model).commitments;
    expect(other.some((value, at) => toHex(value) === toHex(base.commitments[at]!))).toBe(false);
  });

  it('keep name and value apart', () => {
    expect(commitField(salt, 'm:a', utf8('b'))).not.toEqual(commitField(salt, 'm:ab', utf8('')));
  });

  it('refuse digests and salts of another length', () => {
    expect(() => commitField(salt.subarray(1), 'id', salt)).toThrow(TypeError);
    expect(() => commitRecord(record, salt.subarray(1), model)).toThrow(TypeError);
    expect(() => recordCommitment([salt.subarray(1)])).toThrow(TypeError);
    expect(() => putEntry(salt.subarray(1))).toThrow(TypeError);
    expect(() => leafEntry(LEAF_LIVE, salt, '00')).toThrow(TypeError);
  });
});

describe('disclosure', () => {
  const json = fc.oneof(fc.string(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean(), fc.array(fc.string()));
  const key = fc.oneof(fc.string({ minLength: 1 }), fc.constantFrom('__proto__', 'constructor', '0', '10', '9'));

  it('opens every commitment of any record, also after a trip through JSON', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.dictionary(key, json),
        fc.array(fc.float({ noNaN: true }), { minLength: 1 }),
        (text, metadata, values) => {
          const any: CommittedRecord = { ...record, text, metadata, vector: Float32Array.from(values) };
          const { names, commitments, salts } = commitRecord(any, salt, model);
          const disclosed = JSON.parse(JSON.stringify(discloseRecord(any, salt, model))) as ReturnType<typeof discloseRecord>;
          expect(disclosed.commitments.map(fromBase64url)).toEqual(commitments);
          expect(commit(disclosed.shown, model)).toEqual(names.map((name, at) => ({ name, commitment: commitments[at] })));
          expect(disclosed.shown.id.salt).toBe(toBase64url(salts[0]!));
        },
      ),
    );
  });

  it('opens no commitment when salt, value or model is altered', () => {
    const { shown } = discloseRecord(record, salt, model);
    const [honest] = [commit(shown, model).map(({ commitment }) => toHex(commitment))];
    const text = commit({ ...shown, text: { ...shown.text, value: 'Gruße' } }, model);
    expect(toHex(text[2]!.commitment)).not.toBe(honest[2]);
    const salted = commit({ ...shown, text: { ...shown.text, salt: shown.id.salt } }, model);
    expect(toHex(salted[2]!.commitment)).not.toBe(honest[2]);
    expect(toHex(commit(shown, 'ac'.repeat(32))[3]!.commitment)).not.toBe(honest[3]);
  });

  it('shows a sparse vector beside the dense one, under one salt', () => {
    const sparse = { indices: Uint32Array.of(3, 65_536), values: Float32Array.of(1, 2) };
    const { commitments, shown } = discloseRecord({ ...record, sparse }, salt, model);
    expect(commit(shown, model).map(({ commitment }) => toBase64url(commitment))).toEqual(commitments);
    expect(shown.vector.sparse).toBe(sparseToBase64url(sparse));
    expect(sparseFromBase64url(shown.vector.sparse!)).toEqual(sparse);
    const { sparse: _, ...hidden } = shown.vector;
    expect(toBase64url(commit({ ...shown, vector: hidden }, model)[3]!.commitment)).not.toBe(commitments[3]);
  });
});

it('entries have their tags, and a tombstone holds zeros', () => {
  const zeros = '00'.repeat(32);
  expect(toHex(leafEntry(LEAF_LIVE, salt, model))).toBe(`${toHex(utf8('tributary/leaf/v1\n'))}01${toHex(salt)}${model}`);
  expect(leafEntry(LEAF_LIVE, salt, fromHex(model))).toEqual(leafEntry(LEAF_LIVE, salt, model));
  expect(toHex(tombstoneEntry())).toBe(`${toHex(utf8('tributary/leaf/v1\n'))}00${zeros}${zeros}`);
  expect(toHex(putEntry(salt))).toBe(toHex(utf8('tributary/put/v1\n')) + toHex(salt));
  expect(toHex(deleteEntry(salt))).toBe(toHex(utf8('tributary/delete/v1\n')) + toHex(salt));
});
