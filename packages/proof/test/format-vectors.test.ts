// Runs every case of schemas/vectors for the formats below the bundle. Written from the pages of docs/spec, not from
// the generator.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  base64url,
  checkShape,
  parseCanonical,
  sparseInput,
  type Manifest,
  type ShownFields,
  type ShownRecord,
  type SignedIdentity,
  type SignedStatement,
  type SparseInput,
  toSparse,
} from '@tributary/schemas';
import { describe, expect, it } from 'vitest';
import {
  equalBytes,
  fromBase64url,
  fromHex,
  toBase64url,
  toHex,
  utf8,
  vectorFromBase64url,
  vectorToBase64url,
} from '../src/bytes.ts';
import * as browser from '../src/crypto/browser.ts';
import * as node from '../src/crypto/node.ts';
import { ProofError, refuseAs } from '../src/errors.ts';
import {
  addressFromPublicKey,
  didFromPublicKey,
  fingerprint,
  logOrigin,
  makeIndexId,
  publicKeyFromDid,
} from '../src/identity.ts';
import { hashLeaf, hashNode } from '../src/merkle/hash.ts';
import { consistencyPath, rootOf, verifyConsistency, verifyInclusion } from '../src/merkle/proof.ts';
import { inclusionPath } from '../src/testing/inclusion-path.ts';
import { openCheckpoint } from '../src/note/checkpoint.ts';
import { parseTlogProof } from '../src/note/tlog-proof.ts';
import { formatVkey, NOTE_ED25519, parseVkey } from '../src/note/vkey.ts';
import { commitRecord, commitShown, recordCommitment, type CommittedRecord, type ShownBytes } from '../src/record/commit.ts';
import { metadataKeys } from '../src/record/fields.ts';
import { deleteEntry, LEAF_LIVE, leafEntry, putEntry, tombstoneEntry } from '../src/record/leaf.ts';
import { decodeShown, encodeShown, shownHash } from '../src/record/shown-bytes.ts';
import { sparseFromBase64url, sparseToBase64url } from '../src/record/sparse-bytes.ts';
import { readIdentity, readManifest, readWrite } from '../src/statements/read.ts';
import { modelDigest, statementHash } from '../src/statements/sign.ts';

interface Case {
  comment: string;
  op: string;
  input: never;
  expect?: unknown;
  code?: string;
}
type Path = readonly string[];

const PAGES = ['encoding', 'record', 'write', 'snapshot', 'identity'];
const read = (name: string): Case[] =>
  JSON.parse(readFileSync(join(import.meta.dirname, '../../../schemas/vectors', name), 'utf8')) as Case[];
const texts = (path: readonly Uint8Array[]) => path.map(toBase64url);
const bytes = (path: Path) => path.map(fromBase64url);
const leavesOf = (entries: Path) => entries.map((entry) => hashLeaf(utf8(entry)));
const rootHex = (leaves: readonly Uint8Array[]) => toHex(rootOf(leaves));
const must = (holds: boolean, code: ConstructorParameters<typeof ProofError>[0]) => {
  if (!holds) throw new ProofError(code, code);
};

interface Tree {
  entries: Path;
  index: number;
  first: number;
}
interface Inclusion {
  index: number;
  size: number;
  leafHash: string;
  path: Path;
  root: string;
}
interface Consistency {
  first: number;
  second: number;
  firstRoot: string;
  secondRoot: string;
  path: Path;
}
interface Operation {
  kind: 'put' | 'delete';
  recordCommitment: string;
}
interface Note {
  note: string;
  text: string;
  body: string;
  origin: string;
  vkeys: Path;
}
interface Edwards {
  publicKey: string;
  message: string;
  signature: string;
}

const operationEntry = ({ kind, recordCommitment: commitment }: Operation) =>
  (kind === 'put' ? putEntry : deleteEntry)(fromHex(commitment));
const operationLeaves = (operations: readonly Operation[]) => operations.map((operation) => hashLeaf(operationEntry(operation)));

function open({ note, origin, vkeys }: Pick<Note, 'note' | 'origin' | 'vkeys'>) {
  const [log, ...witnesses] = vkeys.map(parseVkey);
  return openCheckpoint({ note, origin, publicKey: log!.publicKey, witnesses });
}

/** The parts that are bytes where answers travel. */
function bytesIn({ id, namespace, text, vector, source, licence, metadata }: ShownFields): ShownBytes {
  const fields = [id, namespace, text, vector, source, licence, ...metadataKeys(metadata).map((key) => metadata[key]!)];
  const salts = fields.map(({ salt }) => fromBase64url(salt));
  return { salts, dense: fromBase64url(vector.value), sparse: fromBase64url(vector.sparse ?? '') };
}

function opened(shown: ShownFields, commitments: Path, model: string): void {
  for (const [position, { name, commitment }] of commitShown(shown, bytesIn(shown), model).entries()) {
    const code = `${name.startsWith('m:') ? 'METADATA' : name.toUpperCase()}_COMMITMENT` as 'TEXT_COMMITMENT';
    must(equalBytes(commitment, fromBase64url(commitments[position]!)), code);
  }
}

const OPERATIONS: Record<string, (input: never) => unknown> = {
  'canonical-json': (input: { bytes: string }) => ({ value: parseCanonical(fromHex(input.bytes), 'vector', 1_000) }),
  base64url: (input: { bytes?: string; text: string }) =>
    input.bytes === undefined
      ? checkShape(base64url, input.text, 'vector')
      : { text: checkShape(base64url, toBase64url(fromHex(input.bytes)), 'vector') },
  vector: ({ values }: { values: number[] }) => ({ text: vectorToBase64url(Float32Array.from(values)) }),
  'statement-hash': ({ tag, body }: { tag: string; body: string }) => ({ hash: statementHash(fromHex(tag), body) }),
  'leaf-hash': ({ entry }: { entry: string }) => ({ hash: toHex(hashLeaf(fromHex(entry))) }),
  'node-hash': ({ left, right }: { left: string; right: string }) => ({ hash: toHex(hashNode(fromHex(left), fromHex(right))) }),
  root: ({ entries }: Tree) => ({ root: rootHex(leavesOf(entries)) }),
  inclusion(input: Tree | Inclusion) {
    if ('entries' in input)
      return { path: texts(inclusionPath(leavesOf(input.entries), input.index)), root: rootHex(leavesOf(input.entries)) };
    const [leafHash, root, path] = [fromHex(input.leafHash), fromHex(input.root), bytes(input.path)];
    return must(verifyInclusion({ ...input, leafHash, root, path }), 'ITEM_INCLUSION');
  },
  consistency(input: Tree | Consistency) {
    if ('entries' in input) {
      const leaves = leavesOf(input.entries);
      const firstRoot = rootHex(leaves.slice(0, input.first));
      return { path: texts(consistencyPath(leaves, input.first)), firstRoot, secondRoot: rootHex(leaves) };
    }
    const roots = { firstRoot: fromHex(input.firstRoot), secondRoot: fromHex(input.secondRoot) };
    return must(verifyConsistency({ ...input, ...roots, path: bytes(input.path) }), 'HEAD_CONSISTENCY');
  },
  'model-digest': ({ card }: { card: string }) => ({ digest: modelDigest(JSON.parse(card) as object) }),
  'commit-record'({
    record,
    salt,
    model,
  }: {
    record: Omit<CommittedRecord, 'sparse'> & { sparse: SparseInput | null };
    salt: string;
    model: string;
  }) {
    const vector = vectorFromBase64url(record.vector as unknown as string);
    const sparse = record.sparse && toSparse(record.sparse);
    const made = commitRecord({ ...record, vector, sparse }, fromBase64url(salt), model);
    const fields = made.names.map((name, at) => ({
      name,
      salt: toBase64url(made.salts[at]!),
      commitment: toBase64url(made.commitments[at]!),
    }));
    expect(made.recordCommitment).toEqual(recordCommitment(made.commitments));
    return { fields, recordCommitment: toHex(made.recordCommitment) };
  },
  'sparse-vector'(input: SparseInput | { text: string }) {
    if ('text' in input) return refuseAs('SPARSE_VECTOR', () => sparseFromBase64url(input.text));
    const sparse = toSparse(checkShape(sparseInput, input, 'vector'))!;
    const text = sparseToBase64url(sparse);
    expect(sparseFromBase64url(text)).toEqual(sparse);
    return { text, indices: [...sparse.indices], values: [...sparse.values] };
  },
  'open-record'({ shown, commitments, model }: { shown: ShownFields; commitments: string[]; model: string }) {
    opened(shown, commitments, model);
    return { commitments: commitShown(shown, bytesIn(shown), model).map(({ commitment }) => toBase64url(commitment)) };
  },
  'shown-record'(input: ShownRecord | { bytes: string }) {
    if ('bytes' in input) return refuseAs('RESPONSE_SHAPE', () => decodeShown(fromHex(input.bytes)));
    const made = encodeShown(input);
    expect(structuredClone(decodeShown(made).record)).toEqual(input);
    return { bytes: toHex(made), name: shownHash(made) };
  },
  'leaf-entry': ({ kind, recordCommitment: record, write }: { kind: string; recordCommitment: string; write: string }) => ({
    entry: toHex(kind === 'live' ? leafEntry(LEAF_LIVE, fromHex(record), write) : tombstoneEntry()),
  }),
  'write-entry': (operation: Operation) => ({ entry: toHex(operationEntry(operation)) }),
  'write-root'({ operations }: { operations: Operation[] }) {
    const leaves = operationLeaves(operations);
    return { root: rootHex(leaves), leafHashes: leaves.map(toHex) };
  },
  'write-path'({ operations, index }: { operations: Operation[]; index: number }) {
    const leaves = operationLeaves(operations);
    return { path: texts(inclusionPath(leaves, index)), root: rootHex(leaves) };
  },
  write: (signed: SignedStatement) => readWrite(signed),
  identity: (signed: SignedIdentity) => readIdentity(signed),
  manifest({ body }: { body: string }): { manifest: Manifest; hash: string; logLeaf: string } {
    return { ...readManifest(body), logLeaf: toHex(hashLeaf(utf8(body))) };
  },
  'snapshot-root': ({ entries }: Tree) => ({ root: rootHex(entries.map((entry) => hashLeaf(fromHex(entry)))) }),
  checkpoint(input: Note) {
    const { origin, size, root, verified, unknown } = open(input);
    const timestamp = verified.at(-1)!.timestamp;
    const names = verified.map(({ name }) => name);
    return { origin, size, root: toHex(root), verified: names, unknown, ...(timestamp === undefined ? {} : { timestamp }) };
  },
  'tlog-proof'({ text, body, origin, vkeys }: Note) {
    const { index, path, checkpoint } = parseTlogProof(text);
    const { size, root } = open({ note: checkpoint, origin, vkeys });
    must(verifyInclusion({ index, size, leafHash: hashLeaf(utf8(body)), path, root }), 'MANIFEST_INCLUSION');
    return { index, path: texts(path), size, root: toHex(root) };
  },
  owner({ seed, name }: { seed: string; name: string }) {
    const publicKey = node.ed25519PublicKey(fromHex(seed));
    const index = makeIndexId(name, publicKey);
    const origin = logOrigin(index);
    const did = didFromPublicKey(publicKey);
    const vkey = formatVkey({ name: origin, publicKey, type: NOTE_ED25519 });
    return { publicKey: toHex(publicKeyFromDid(did)), did, fingerprint: fingerprint(publicKey), index, origin, vkey };
  },
  address({ privateKey }: { privateKey: string }) {
    const publicKey = node.secp256k1PublicKey(fromHex(privateKey));
    return { publicKey: toHex(publicKey), address: addressFromPublicKey(publicKey) };
  },
  did: ({ did }: { did: string }) => publicKeyFromDid(did),
  'ed25519-verify'({ publicKey, message, signature }: Edwards) {
    const parts = [fromHex(publicKey), fromHex(message), fromHex(signature)] as const;
    expect(node.ed25519Verify(...parts)).toBe(browser.ed25519Verify(...parts));
    must(node.ed25519Verify(...parts), 'IDENTITY_SIGNATURE');
    return { valid: true };
  },
};

function run({ op, input }: Case): unknown {
  const operation = OPERATIONS[op];
  if (operation === undefined) throw new Error(`no operation ${op}`);
  return operation(input);
}

describe.each(PAGES)('%s', (page) => {
  it.each(read(`${page}.valid.json`).map((value) => [`${value.op}: ${value.comment}`, value] as const))('%s', (_, value) => {
    expect(run(value)).toEqual(value.expect);
  });
  it.each(read(`${page}.invalid.json`).map((value) => [`${value.op} refuses: ${value.comment}`, value] as const))(
    '%s',
    (_, value) => {
      expect(() => run(value)).toThrow(expect.objectContaining({ code: value.code }));
    },
  );
});
