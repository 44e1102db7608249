import type { Manifest } from '../../schemas/src/index.ts';
import { toBase64, toBase64url, toHex, utf8 } from '../../packages/proof/src/bytes.ts';
import { ed25519PublicKey } from '../../packages/proof/src/crypto/node.ts';
import { TAG_MANIFEST } from '../../packages/proof/src/domains.ts';
import { didFromPublicKey, logOrigin, makeIndexId } from '../../packages/proof/src/identity.ts';
import { EMPTY_ROOT, hashLeaf } from '../../packages/proof/src/merkle/hash.ts';
import { createTree } from '../../packages/proof/src/merkle/tree.ts';
import { formatCheckpoint, signCheckpoint } from '../../packages/proof/src/note/checkpoint.ts';
import { cosignNote } from '../../packages/proof/src/testing/cosign.ts';
import { signNote } from '../../packages/proof/src/note/note.ts';
import { formatTlogProof } from '../../packages/proof/src/note/tlog-proof.ts';
import { formatVkey, NOTE_COSIGNATURE, NOTE_ED25519 } from '../../packages/proof/src/note/vkey.ts';
import { LEAF_LIVE, leafEntry, tombstoneEntry } from '../../packages/proof/src/record/leaf.ts';
import { modelDigest, statementHash } from '../../packages/proof/src/statements/sign.ts';
import { invalid, seedOf, TIME_MS, valid, type VectorCase, type Vectors } from './case.ts';

const owner = ed25519PublicKey(seedOf(1));
const index = makeIndexId('bees', owner);
const origin = logOrigin(index);
const ZERO = '0'.repeat(64);
const WITNESS = 'witness.example/w1';
const logKey = formatVkey({ name: origin, publicKey: owner, type: NOTE_ED25519 });
const witnessKey = formatVkey({ name: WITNESS, publicKey: ed25519PublicKey(seedOf(5)), type: NOTE_COSIGNATURE });

/** Slots after three groups of writes: two records; the first updated; the second deleted and a third added. */
const w1 = 'e1'.repeat(32);
const w2 = 'e2'.repeat(32);
const w3 = 'e3'.repeat(32);
const live = (byte: number, write: string) => leafEntry(LEAF_LIVE, seedOf(byte), write);
const states = [
  [],
  [live(0x21, w1), live(0x22, w1)],
  [live(0x23, w2), live(0x22, w1)],
  [live(0x23, w2), tombstoneEntry(), live(0x24, w3)],
];
const roots = states.map((entries) => {
  const tree = createTree();
  tree.setMany(entries.map((entry, slot) => [slot, hashLeaf(entry)] as const));
  return toHex(tree.root());
});

const manifests: Manifest[] = [];
const bodies: string[] = [];
for (const [sequence, entries] of states.entries()) {
  const manifest: Manifest = {
    v: 1,
    type: 'tributary/manifest',
    index,
    sequence,
    previous: sequence === 0 ? ZERO : statementHash(TAG_MANIFEST, bodies[sequence - 1]!),
    tree: { size: entries.length, root: roots[sequence]! },
    live: sequence === 0 ? 0 : 2,
    write: { sequence, hash: [ZERO, w1, w2, w3][sequence]! },
    model: modelDigest({ id: 'unspecified' }),
    dimension: 4,
    metric: 'cosine',
    time: TIME_MS + sequence,
    provider: didFromPublicKey(owner),
  };
  manifests.push(manifest);
  bodies.push(JSON.stringify(manifest));
}

const log = createTree();
log.setMany(bodies.map((body, at) => [at, hashLeaf(utf8(body))] as const));
const checkpoint = { origin, size: log.size, root: log.root() };
const note = signCheckpoint({ ...checkpoint, seed: seedOf(1) });
const cosigned = cosignNote({ note, name: WITNESS, seed: seedOf(5), timestamp: 1_790_000_060 });
const proof = (sequence: number, text = note) => formatTlogProof({ index: sequence, path: log.path(sequence), checkpoint: text });

function checkpoints(): VectorCase[] {
  const size = log.size;
  const opened = { origin, size, root: toHex(log.root()) };
  return [
    valid('checkpoint', 'signed by the log', { note, origin, vkeys: [logKey] }, { ...opened, verified: [origin], unknown: 0 }),
    valid(
      'checkpoint',
      'cosigned by a witness that is known; secret key: 32 times 0x05',
      { note: cosigned, origin, vkeys: [logKey, witnessKey] },
      { ...opened, verified: [origin, WITNESS], unknown: 0, timestamp: 1_790_000_060 },
    ),
    valid(
      'checkpoint',
      'the line of a witness that is not known says nothing',
      { note: cosigned, origin, vkeys: [logKey] },
      { ...opened, verified: [origin], unknown: 1 },
    ),
  ];
}

/** A manifest whose index has sparse vectors. */
function withVectors(changes: Pick<Manifest, 'dimension' | 'metric' | 'vectors'>): Manifest {
  const { time, provider, ...first } = manifests[3]!;
  return { ...first, ...changes, time, provider };
}
const kinds: [string, Manifest][] = [
  ['sparse vectors only', withVectors({ dimension: 0, metric: 'dotproduct', vectors: 'sparse' })],
  ['dense and sparse vectors', withVectors({ dimension: 4, metric: 'dotproduct', vectors: 'both' })],
];

const delegated: Manifest = { ...manifests[3]!, writers: toHex(seedOf(0x31)) };

function wrongManifests(): VectorCase[] {
  const last = manifests[3]!;
  const bad = (comment: string, manifest: object) =>
    invalid('manifest', 'MANIFEST_SHAPE', comment, { body: JSON.stringify(manifest) });
  return [
    bad('an unknown member', { ...last, note: '' }),
    bad('members in another order', Object.fromEntries(Object.entries(last).reverse())),
    bad('members of the tree in another order', { ...last, tree: { root: last.tree.root, size: 3 } }),
    bad('more live records than slots', { ...last, live: 4 }),
    bad('a first manifest that follows another', { ...manifests[0], previous: w1 }),
    bad('a later manifest that follows none', { ...last, previous: ZERO }),
    bad('an empty tree with another root than H("")', { ...manifests[0], tree: { size: 0, root: ZERO } }),
    bad('a write hash of zeros with a sequence', { ...last, write: { sequence: 3, hash: ZERO } }),
    bad('dimension 0', { ...last, dimension: 0 }),
    bad('a metric that does not exist', { ...last, metric: 'manhattan' }),
    bad('kinds of vectors in another place', { ...last, metric: 'dotproduct', vectors: 'both' }),
    bad('dense vectors, named', withVectors({ dimension: 4, metric: 'dotproduct', vectors: 'dense' as 'both' })),
    bad('sparse vectors with a dimension', withVectors({ dimension: 4, metric: 'dotproduct', vectors: 'sparse' })),
    bad('dense and sparse vectors without a dimension', withVectors({ dimension: 0, metric: 'dotproduct', vectors: 'both' })),
    bad('sparse vectors with another metric', withVectors({ dimension: 4, metric: 'cosine', vectors: 'both' })),
    bad('a list of writers that is null', { ...last, writers: null }),
    bad('a list of writers before its place', { writers: delegated.writers, ...last }),
    invalid('manifest', 'MANIFEST_SHAPE', 'white space', { body: bodies[3]!.replace(',', ', ') }),
    invalid('manifest', 'MANIFEST_SHAPE', 'a byte after the end', { body: `${bodies[3]!}\n` }),
  ];
}

function wrongCheckpoints(): VectorCase[] {
  const bad = (code: string, comment: string, text: string, vkeys = [logKey, witnessKey]) =>
    invalid('checkpoint', code, comment, { note: text, origin, vkeys });
  const resigned = (text: string) => signNote({ text, name: origin, seed: seedOf(1) });
  const text = formatCheckpoint(checkpoint);
  const root64 = toBase64(checkpoint.root);
  return [
    bad('CHECKPOINT_SIGNATURE', 'size changed after signing', note.replace('\n4\n', '\n5\n')),
    bad('CHECKPOINT_SIGNATURE', 'root changed after signing', note.replace(root64, toBase64(EMPTY_ROOT))),
    bad('CHECKPOINT_SIGNATURE', 'signed by another key', signCheckpoint({ ...checkpoint, seed: seedOf(2) })),
    bad('CHECKPOINT_SIGNATURE', 'signed by a witness alone', cosigned.replace(/\u2014 tributary.*\n/, '')),
    bad('COSIGNATURE', 'a cosignature over another time', cosigned.replace(/(w1 .{13}).{2}/, '$1AA')),
    bad('CHECKPOINT_ORIGIN', "another log's checkpoint", resigned(text.replace(origin, `${origin}0`))),
    bad('CHECKPOINT_FORMAT', 'a leading zero', resigned(text.replace('\n4\n', '\n04\n'))),
    bad('CHECKPOINT_FORMAT', 'an extension line', resigned(`${text}extension\n`)),
    bad('CHECKPOINT_FORMAT', 'a blank line more', resigned(`${text}\n`)),
    bad('CHECKPOINT_FORMAT', 'root without padding', resigned(text.replace('=\n', '\n'))),
    bad('CHECKPOINT_FORMAT', 'a short root', resigned(text.replace(root64, 'AAAA'))),
    bad('CHECKPOINT_FORMAT', 'carriage returns', note.replaceAll('\n', '\r\n')),
    bad('CHECKPOINT_FORMAT', 'no blank line', note.replace('\n\n', '\n')),
    bad('CHECKPOINT_FORMAT', 'no signature', `${text}\n`),
    bad('CHECKPOINT_FORMAT', 'a hyphen in place of the dash', note.replace('\u2014', '-')),
    bad('CHECKPOINT_FORMAT', 'a key id that is not that of the key', note, [logKey.replace(/\+[0-9a-f]{8}\+/, '+00000000+')]),
  ];
}

function proofs(): { good: VectorCase[]; wrong: VectorCase[] } {
  const path = (sequence: number) => log.path(sequence).map(toBase64url);
  const bad = (code: string, comment: string, text: string, body = bodies[2]!) =>
    invalid('tlog-proof', code, comment, { text, body, origin, vkeys: [logKey] });
  const text = proof(2);
  return {
    good: bodies.map((body, sequence) =>
      valid(
        'tlog-proof',
        `manifest ${sequence}`,
        { text: proof(sequence, sequence === 3 ? cosigned : note), body, origin, vkeys: [logKey] },
        { index: sequence, path: path(sequence), size: log.size, root: toHex(log.root()) },
      ),
    ),
    wrong: [
      bad('MANIFEST_INCLUSION', 'another manifest', text, bodies[1]!),
      bad('MANIFEST_INCLUSION', 'another index', text.replace('index 2', 'index 3')),
      bad('MANIFEST_INCLUSION', 'a path cut short', text.replace(/index 2\n.*\n/, 'index 2\n')),
      bad('CHECKPOINT_FORMAT', 'an extra line', text.replace('index', 'extra AAAA\nindex')),
      bad('CHECKPOINT_FORMAT', 'another version', text.replace('@v1', '@v2')),
      bad('CHECKPOINT_FORMAT', 'a leading zero', text.replace('index 2', 'index 02')),
      bad('CHECKPOINT_FORMAT', 'a hash that is too short', text.replace(/index 2\n.*\n/, 'index 2\nAAAA\n')),
      bad('CHECKPOINT_SIGNATURE', 'a checkpoint by another key', proof(2, signCheckpoint({ ...checkpoint, seed: seedOf(2) }))),
    ],
  };
}

export const snapshot: Vectors = {
  valid: [
    ...states.map((entries, at) =>
      valid('snapshot-root', `after group ${at} of writes`, { entries: entries.map(toHex) }, { root: roots[at] }),
    ),
    ...bodies.map((body, at) =>
      valid(
        'manifest',
        `manifest ${at}`,
        { body },
        { manifest: manifests[at], hash: statementHash(TAG_MANIFEST, body), logLeaf: toHex(hashLeaf(utf8(body))) },
      ),
    ),
    valid(
      'manifest',
      'a manifest that names a list of writers',
      { body: JSON.stringify(delegated) },
      {
        manifest: delegated,
        hash: statementHash(TAG_MANIFEST, JSON.stringify(delegated)),
        logLeaf: toHex(hashLeaf(utf8(JSON.stringify(delegated)))),
      },
    ),
    ...kinds.map(([comment, manifest]) => {
      const body = JSON.stringify(manifest);
      const hash = statementHash(TAG_MANIFEST, body);
      return valid('manifest', comment, { body }, { manifest, hash, logLeaf: toHex(hashLeaf(utf8(body))) });
    }),
    ...checkpoints(),
    ...proofs().good,
  ],
  invalid: [...wrongManifests(), ...wrongCheckpoints(), ...proofs().wrong],
};
