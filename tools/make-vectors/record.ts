import {
  sparseValuesMax,
  toSparse,
  type ShownFields,
  type ShownRecord,
  type Source,
  type SparseInput,
  type SparseVector,
} from '../../schemas/src/index.ts';
import { concat, toBase64url, toHex, vectorToBase64url } from '../../packages/proof/src/bytes.ts';
import { commitRecord, type CommittedRecord } from '../../packages/proof/src/record/commit.ts';
import { discloseRecord } from '../../packages/proof/test/_disclose.ts';
import { LEAF_LIVE, deleteEntry, leafEntry, putEntry, tombstoneEntry } from '../../packages/proof/src/record/leaf.ts';
import { sparseToBase64url } from '../../packages/proof/src/record/sparse-bytes.ts';
import { encodeShown, shownHash } from '../../packages/proof/src/record/shown-bytes.ts';
import { modelDigest } from '../../packages/proof/src/statements/sign.ts';
import { invalid, seedOf, valid, type VectorCase, type Vectors } from './case.ts';

const source: Source = {
  document: 'guides/bees.md',
  uri: 'https://example.com/bees',
  title: 'Keeping bees',
  context: 'Keeping bees > Winter',
  sha256: 'c0'.repeat(32),
  start: 120,
  end: 164,
  page: null,
  pageEnd: null,
};
const full: CommittedRecord = {
  id: 'bees-1',
  namespace: 'guides',
  text: 'Bees cluster when it is colder than 10 °C.',
  vector: Float32Array.of(0.5, -0.25, 0.125, 1),
  sparse: null,
  metadata: { year: 2024, tags: ['bees', 'winter'], checked: true, '7': 'an index-like key', ключ: 'значение', score: 0.1 },
  source,
  licence: 'CC-BY-4.0',
};
const least: CommittedRecord = { ...full, namespace: '', text: '', metadata: {}, source: null, licence: null };
const sparse = toSparse({ indices: [3, 70_000], values: [0.5, -2] })!;
const disclosedBoth = discloseRecord({ ...full, sparse }, seedOf(9), modelDigest({ id: 'unspecified' }));
const model = modelDigest({ id: 'unspecified' });
const write = 'e1'.repeat(32);

const plain = ({ indices, values }: SparseVector): SparseInput => ({ indices: [...indices], values: [...values] });

/** The record as JSON; the vector as base64url. */
function asInput(record: CommittedRecord): Record<string, unknown> {
  const { id, namespace, text, vector, sparse: values, metadata, source: from, licence } = record;
  return {
    id,
    namespace,
    text,
    vector: vectorToBase64url(vector),
    sparse: values && plain(values),
    metadata,
    source: from,
    licence,
  };
}

function commit(comment: string, record: CommittedRecord): VectorCase {
  const salt = seedOf(9);
  const { names, salts, commitments, recordCommitment } = commitRecord(record, salt, model);
  return valid(
    'commit-record',
    comment,
    { record: asInput(record), salt: toBase64url(salt), model },
    {
      fields: names.map((name, at) => ({
        name,
        salt: toBase64url(salts[at]!),
        commitment: toBase64url(commitments[at]!),
      })),
      recordCommitment: toHex(recordCommitment),
    },
  );
}

const disclosed = discloseRecord(full, seedOf(9), model);
const some = seedOf(5);

function shownWith(change: Partial<ShownFields>): VectorCase['input'] {
  return { model, commitments: disclosed.commitments, shown: { ...disclosed.shown, ...change } };
}

const bothWith = (vector: Partial<ShownFields['vector']>): VectorCase['input'] => {
  const { commitments, shown: whole } = disclosedBoth;
  return { model, commitments, shown: { ...whole, vector: { ...whole.vector, ...vector } } };
};
const badBoth = (comment: string, input: SparseInput) =>
  invalid('open-record', 'VECTOR_COMMITMENT', comment, bothWith({ sparse: sparseToBase64url(toSparse(input)!) }));

function normalised(comment: string, input: SparseInput): VectorCase {
  const made = toSparse(input)!;
  return valid('sparse-vector', comment, { ...input }, { text: sparseToBase64url(made), ...plain(made) });
}
/** What no writer makes: bytes that are not a sparse vector in its form. */
const malformed = (comment: string, pairs: [index: number, value: number][], cut = 0) => {
  const bytes = new DataView(new ArrayBuffer(8 * pairs.length));
  pairs.forEach(([index, value], at) => {
    bytes.setUint32(8 * at, index, true);
    bytes.setFloat32(8 * at + 4, value, true);
  });
  const text = toBase64url(new Uint8Array(bytes.buffer).subarray(0, 8 * pairs.length - cut));
  return invalid('sparse-vector', 'SPARSE_VECTOR', comment, { text });
};

const { shown } = disclosed;
const wrongMetadata = { ...shown.metadata, year: { ...shown.metadata['year']!, value: 2025 } };
const stringForNumber = { ...shown.metadata, year: { ...shown.metadata['year']!, value: '2024' } };
const bad = (code: string, comment: string, change: Partial<ShownFields>) =>
  invalid('open-record', code, comment, shownWith(change));

const shownRecord = (of: typeof disclosed, hashes: number): ShownRecord => ({
  ...of,
  write,
  writeIndex: 258,
  writePath: Array.from({ length: hashes }, (_, at) => toBase64url(seedOf(at))),
});
const bytesCase = (comment: string, shownAs: ShownRecord): VectorCase => {
  const bytes = encodeShown(shownAs);
  return valid('shown-record', comment, { ...shownAs }, { bytes: toHex(bytes), name: shownHash(bytes) });
};
const wholeBytes = encodeShown(shownRecord(disclosed, 2));
const badBytes = (comment: string, bytes: Uint8Array) =>
  invalid('shown-record', 'RESPONSE_SHAPE', comment, { bytes: toHex(bytes) });

export const record: Vectors = {
  valid: [
    bytesCase('all fields', shownRecord(disclosed, 2)),
    bytesCase('sparse values beside dense ones, the only entry of its write', shownRecord(disclosedBoth, 0)),

    valid('model-digest', 'a model that is not declared', { card: '{"id":"unspecified"}' }, { digest: model }),
    commit('all fields', full),
    commit('the least a record has', least),
    commit('sparse values', { ...full, sparse }),
    commit('sparse values without dense ones', { ...full, vector: new Float32Array(0), sparse }),
    normalised('in ascending order', { indices: [0, 7, 4_294_967_295], values: [1, -0.5, 3.25] }),
    normalised('in any order, with a zero, rounded to float32', { indices: [9, 2, 5], values: [0.1, 1e-3, 0] }),
    commit('a metadata key beyond the basic plane sorts by code units', { ...least, metadata: { '\u{1f41d}': 1, '\uffee': 2 } }),
    valid('open-record', 'an answer shows every field', shownWith({}), { commitments: disclosed.commitments }),
    valid('open-record', 'an answer shows a sparse vector with the dense one', bothWith({}), {
      commitments: disclosedBoth.commitments,
    }),
    valid(
      'leaf-entry',
      'a live record',
      { kind: 'live', recordCommitment: toHex(some), write },
      { entry: toHex(leafEntry(LEAF_LIVE, some, write)) },
    ),
    valid('leaf-entry', 'a tombstone', { kind: 'tombstone' }, { entry: toHex(tombstoneEntry()) }),
    valid('write-entry', 'an upsert', { kind: 'put', recordCommitment: toHex(some) }, { entry: toHex(putEntry(some)) }),
    valid('write-entry', 'a delete', { kind: 'delete', recordCommitment: toHex(some) }, { entry: toHex(deleteEntry(some)) }),
  ],
  invalid: [
    badBytes('no bytes', new Uint8Array(0)),
    badBytes('a byte too few', wholeBytes.subarray(0, -1)),
    badBytes('a byte too many', concat(wholeBytes, Uint8Array.of(0))),
    badBytes('a text longer than the bytes', concat(Uint8Array.of(255), wholeBytes.subarray(1))),
    badBytes('another number of hashes', wholeBytes.with(wholeBytes.length - 65, 3)),
    badBytes('a text in another spelling', wholeBytes.with(4, 0x5b)),
    bad('ID_COMMITMENT', 'another id', { id: { ...shown.id, value: 'bees-2' } }),
    bad('NAMESPACE_COMMITMENT', 'the default namespace', { namespace: { ...shown.namespace, value: '' } }),
    bad('TEXT_COMMITMENT', 'one character changed', { text: { ...shown.text, value: shown.text.value.replace('10', '11') } }),
    bad('TEXT_COMMITMENT', 'the same text in another normal form', {
      text: { ...shown.text, value: shown.text.value.replace('°', '\u02da') },
    }),
    bad('TEXT_COMMITMENT', 'the salt of another field', { text: { ...shown.text, salt: shown.id.salt } }),
    bad('VECTOR_COMMITMENT', 'a value changed', {
      vector: { ...shown.vector, value: vectorToBase64url(Float32Array.of(0.5, -0.25, 0.125, 0.5)) },
    }),
    bad('VECTOR_COMMITMENT', 'a value left out', {
      vector: { ...shown.vector, value: vectorToBase64url(Float32Array.of(0.5, -0.25, 0.125)) },
    }),
    badBoth('another sparse value', { indices: [3, 70_000], values: [0.5, -1] }),
    badBoth('another index', { indices: [4, 70_000], values: [0.5, -2] }),
    badBoth('a sparse value left out', { indices: [3], values: [0.5] }),
    bad('VECTOR_COMMITMENT', 'a sparse vector that the record does not have', {
      vector: { ...shown.vector, sparse: sparseToBase64url(sparse) },
    }),
    malformed('out of order', [
      [7, 1],
      [3, 1],
    ]),
    malformed('an index twice', [
      [3, 1],
      [3, 2],
    ]),
    malformed('a value of 0', [[3, 0]]),
    malformed('a value of -0', [[3, -0]]),
    malformed('a value that is not finite', [[3, Infinity]]),
    malformed('no value', []),
    malformed('a pair cut off', [[3, 1]], 1),
    malformed(
      'a value too many',
      Array.from({ length: sparseValuesMax + 1 }, (_, at) => [at, 1]),
    ),
    invalid('open-record', 'VECTOR_COMMITMENT', 'another model', { ...shownWith({}), model: 'd0'.repeat(32) }),
    bad('SOURCE_COMMITMENT', 'another place', { source: { ...shown.source, value: { ...source, end: 165 } } }),
    bad('SOURCE_COMMITMENT', 'no source', { source: { ...shown.source, value: null } }),
    bad('LICENCE_COMMITMENT', 'another licence', { licence: { ...shown.licence, value: 'CC0-1.0' } }),
    bad('METADATA_COMMITMENT', 'another value', { metadata: wrongMetadata }),
    bad('METADATA_COMMITMENT', 'a string in place of a number', { metadata: stringForNumber }),
    bad('METADATA_COMMITMENT', 'values of two keys exchanged', {
      metadata: { ...shown.metadata, year: shown.metadata['score']!, score: shown.metadata['year']! },
    }),
  ],
};
