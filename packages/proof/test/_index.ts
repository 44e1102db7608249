// A small real index: three writes, about forty records, one of them deleted and its slot reused. Everything is derived
// from fixed labels.
import { toSparse, type Manifest, type Metadata, type SignedStatement, type Source, type SparseVector } from '@tributary/schemas';
import { ZERO_HASH } from '../src/bytes.ts';
import { inclusionPath } from '../src/testing/inclusion-path.ts';
import {
  createTree,
  ed25519PublicKey,
  formatTlogProof,
  hashLeaf,
  rootOf,
  sha256,
  signCheckpoint,
  toHex,
  utf8,
} from '../src/primitives.ts';
import {
  LEAF_LIVE,
  TAG_MANIFEST,
  TAG_WRITE,
  commitRecord,
  deleteEntry,
  didFromPublicKey,
  leafEntry,
  logOrigin,
  makeIndexId,
  modelDigest,
  putEntry,
  signStatement,
  statementHash,
  tombstoneEntry,
  type CommittedRecord,
} from '../src/statements.ts';

export const START = 1_790_000_000_000;
export const DIMENSION = 16;
export const MODEL = modelDigest({ id: 'test/bag-of-topics', dimension: DIMENSION });

/** 32 bytes instead of a random choice. */
export const seed = (label: string): Uint8Array => sha256(utf8(`test ${label}`));
export const ownerKey = seed('owner');
export const OWNER = didFromPublicKey(ed25519PublicKey(ownerKey));
export const INDEX = makeIndexId('rivers', ed25519PublicKey(ownerKey));

/** A unit vector derived from a text. */
export function vectorOf(label: string): Float32Array {
  const bytes = seed(`vector ${label}`);
  const values = Float32Array.from({ length: DIMENSION }, (_, at) => (bytes[at]! - 127.5) / 127.5);
  const norm = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
  return values.map((value) => value / norm);
}

/** A sparse vector derived from a text; all of them share some of 24 indices. */
export function sparseOf(label: string): SparseVector {
  const bytes = seed(`sparse ${label}`);
  const pairs = new Map([...bytes.subarray(0, 8)].map((byte, at) => [(byte % 24) * 178_956_970, (bytes[8 + at]! - 127.5) / 64]));
  return toSparse({ indices: [...pairs.keys()], values: [...pairs.values()] })!;
}

const TOPICS = ['flood plains', 'river deltas', 'mountain streams', 'water rights', 'salmon runs'];

function sourceOf(number: number): Source | null {
  if (number % 3 === 0) return null;
  return {
    document: `report-${number % 4}.md`,
    uri: number % 2 === 0 ? null : `https://rivers.example/report-${number % 4}`,
    title: `Report ${number % 4}`,
    context: number % 2 === 0 ? '' : `Rivers > Chapter ${number}`,
    sha256: toHex(seed(`document ${number % 4}`)),
    start: number * 100,
    end: number * 100 + 90,
    page: number % 5 === 0 ? null : number,
    pageEnd: number % 5 === 0 ? null : number,
  };
}

export function usualRecord(number: number): CommittedRecord {
  const topic = TOPICS[number % TOPICS.length]!;
  const metadata: Metadata = {
    topic,
    year: 2000 + number,
    reviewed: number % 2 === 0,
    tags: [topic.split(' ')[0]!, `n${number}`],
  };
  return {
    id: `r-${number}`,
    namespace: number % 10 === 9 ? 'drafts' : '',
    text: `Passage ${number} on ${topic}: the river rises in spring, café tables float, gauges at mile ${number} read high.`,
    vector: vectorOf(`record ${number}`),
    sparse: null,
    source: sourceOf(number),
    licence: number % 4 === 0 ? null : 'CC-BY-4.0',
    metadata,
  };
}

/** A record with both kinds of vector; every seventh has no sparse one. */
export function bothRecord(number: number): CommittedRecord {
  return { ...usualRecord(number), sparse: number % 7 === 6 ? null : sparseOf(`record ${number}`) };
}

/** A record with a sparse vector only. */
function sparseRecord(number: number): CommittedRecord {
  return { ...usualRecord(number), vector: new Float32Array(0), sparse: sparseOf(`record ${number}`) };
}

/** An index of records with both kinds of vector, or with sparse vectors only. */
export const buildSparseIndex = (vectors: 'both' | 'sparse'): TestIndex =>
  vectors === 'both'
    ? buildIndex({ metric: 'dotproduct', vectors }, bothRecord)
    : buildIndex({ metric: 'dotproduct', vectors, dimension: 0 }, sparseRecord);

/** A record as the index holds it. */
export interface Held {
  readonly record: CommittedRecord;
  readonly salt: Uint8Array;
  readonly slot: number;
  readonly write: string;
  readonly writeIndex: number;
}

export interface TestIndex {
  readonly held: ReadonlyMap<number, Held>;
  readonly slots: ReturnType<typeof createTree>;
  readonly writes: ReadonlyMap<string, SignedStatement>;
  /** Leaf hashes of the entries of each write. */
  readonly entries: ReadonlyMap<string, readonly Uint8Array[]>;
  readonly manifest: Manifest;
  readonly manifestBody: string;
  /** Entries of the log. */
  readonly bodies: readonly string[];
  /** tlog-proof of the last manifest under the owner's checkpoint. */
  readonly log: string;
}

type Operation = { put: number; slot: number } | { delete: number };
const puts = (from: number, to: number): Operation[] =>
  Array.from({ length: to - from }, (_, at) => ({ put: from + at, slot: from + at }));
const WRITES: Operation[][] = [puts(0, 20), puts(20, 35), [...puts(35, 40), { delete: 3 }, { delete: 7 }, { put: 40, slot: 3 }]];

/**
 * @param overrides members of the manifest to falsify
 * @param recordOf the records by number, for tests that need other ones
 * @param keyOf who signs the write of that sequence
 */
export function buildIndex(
  overrides: Partial<Manifest> = {},
  recordOf = usualRecord,
  keyOf: (sequence: number) => Uint8Array = () => ownerKey,
): TestIndex {
  const slots = createTree();
  const held = new Map<number, Held>();
  const writes = new Map<string, SignedStatement>();
  const entries = new Map<string, readonly Uint8Array[]>();
  const bodies = [JSON.stringify(manifestOf(0, ZERO_HASH, slots, 0, ZERO_HASH))];
  let previous = ZERO_HASH;
  for (const [at, operations] of WRITES.entries()) {
    const sequence = at + 1;
    const saltOf = (number: number) => seed(`salt ${number}`);
    const commitmentOf = (number: number) => commitRecord(recordOf(number), saltOf(number), MODEL).recordCommitment;
    const leaves = operations.map((operation) =>
      hashLeaf('put' in operation ? putEntry(commitmentOf(operation.put)) : deleteEntry(commitmentOf(operation.delete))),
    );
    const signed = signWrite({ sequence, previous, root: toHex(rootOf(leaves)), size: leaves.length, key: keyOf(sequence) });
    writes.set(signed.hash, { body: signed.body, signature: signed.signature });
    entries.set(signed.hash, leaves);
    for (const [writeIndex, operation] of operations.entries()) {
      if ('delete' in operation) {
        slots.set(held.get(operation.delete)!.slot, hashLeaf(tombstoneEntry()));
        held.delete(operation.delete);
        continue;
      }
      const { put: number, slot } = operation;
      slots.set(slot, hashLeaf(leafEntry(LEAF_LIVE, commitmentOf(number), signed.hash)));
      held.set(number, { record: recordOf(number), salt: saltOf(number), slot, write: signed.hash, writeIndex });
    }
    previous = signed.hash;
    const last = sequence === WRITES.length ? overrides : {};
    const before = statementHash(TAG_MANIFEST, bodies.at(-1)!);
    bodies.push(JSON.stringify({ ...manifestOf(sequence, before, slots, held.size, signed.hash), ...last }));
  }
  const manifestBody = bodies.at(-1)!;
  return {
    held,
    slots,
    writes,
    entries,
    manifest: JSON.parse(manifestBody) as Manifest,
    manifestBody,
    bodies,
    log: logOf(bodies),
  };
}

export function signWrite(fields: {
  sequence: number;
  previous: string;
  root: string;
  size: number;
  index?: string;
  key?: Uint8Array;
}) {
  const { sequence, previous, root, size, index = INDEX, key = ownerKey } = fields;
  const statement = {
    v: 1,
    type: 'tributary/write',
    index,
    sequence,
    previous,
    root,
    size,
    signer: didFromPublicKey(ed25519PublicKey(key)),
    custody: key === ownerKey ? 'self' : 'provider',
    author: 'River Institute',
  };
  return signStatement(TAG_WRITE, statement, key);
}

function manifestOf(
  sequence: number,
  previous: string,
  slots: ReturnType<typeof createTree>,
  live: number,
  write: string,
): Manifest {
  return {
    v: 1,
    type: 'tributary/manifest',
    index: INDEX,
    sequence,
    previous,
    tree: { size: slots.size, root: toHex(slots.root()) },
    live,
    write: { sequence, hash: write },
    model: MODEL,
    dimension: DIMENSION,
    metric: 'cosine',
    vectors: undefined,
    time: START + sequence * 1_000,
    provider: OWNER,
  };
}

export function logOf(bodies: readonly string[], options: { key?: Uint8Array; origin?: string; index?: number } = {}): string {
  const { key = ownerKey, origin = logOrigin(INDEX), index = bodies.length - 1 } = options;
  const leaves = bodies.map((body) => hashLeaf(utf8(body)));
  const checkpoint = signCheckpoint({ origin, size: bodies.length, root: rootOf(leaves), seed: key });
  return formatTlogProof({ index, path: inclusionPath(leaves, index), checkpoint });
}
