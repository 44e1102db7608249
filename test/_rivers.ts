// An index of one write with passages that a test names, in the form that the proof package's test provider answers
// from.
import { createTree, hashLeaf, rootOf, toHex, ZERO_HASH } from '@tributary/proof/primitives';
import {
  commitRecord,
  LEAF_LIVE,
  leafEntry,
  putEntry,
  statementHash,
  TAG_MANIFEST,
  type CommittedRecord,
} from '@tributary/proof/statements';
import type { Manifest, Source } from '@tributary/schemas';
import {
  buildIndex,
  logOf,
  MODEL,
  usualRecord,
  seed,
  signWrite,
  type Held,
  type TestIndex,
} from '../packages/proof/test/_index.ts';

/** An index of these passages. All fields but text and source are those of the proof package's test records. */
export function indexOf(passages: readonly Pick<CommittedRecord, 'text' | 'source'>[]): TestIndex {
  const records = passages.map((passage, at): CommittedRecord => ({ ...usualRecord(at + 1), namespace: '', ...passage }));
  const saltOf = (at: number) => seed(`salt of passage ${at}`);
  const commitments = records.map((record, at) => commitRecord(record, saltOf(at), MODEL).recordCommitment);
  const leaves = commitments.map((commitment) => hashLeaf(putEntry(commitment)));
  const { hash: write, ...signed } = signWrite({
    sequence: 1,
    previous: ZERO_HASH,
    root: toHex(rootOf(leaves)),
    size: leaves.length,
  });
  const slots = createTree();
  commitments.forEach((commitment, slot) => slots.set(slot, hashLeaf(leafEntry(LEAF_LIVE, commitment, write))));
  const held = records.map((record, at): [number, Held] => [at, { record, salt: saltOf(at), slot: at, write, writeIndex: at }]);
  const genesis = {
    sequence: 0,
    previous: ZERO_HASH,
    tree: { size: 0, root: toHex(createTree().root()) },
    live: 0,
    write: { sequence: 0, hash: ZERO_HASH },
  };
  const { manifest } = buildIndex();
  const bodies = [JSON.stringify({ ...manifest, ...genesis })];
  const last: Manifest = {
    ...manifest,
    sequence: 1,
    previous: statementHash(TAG_MANIFEST, bodies[0]!),
    tree: { size: slots.size, root: toHex(slots.root()) },
    live: records.length,
    write: { sequence: 1, hash: write },
  };
  bodies.push(JSON.stringify(last));
  return {
    held: new Map(held),
    slots,
    writes: new Map([[write, { body: signed.body, signature: signed.signature }]]),
    entries: new Map([[write, leaves]]),
    manifest: last,
    manifestBody: bodies[1]!,
    bodies,
    log: logOf(bodies),
  };
}

/** A place in a document. Members that a test does not name are plausible. */
export function sourceOf(named: Partial<Source>): Source {
  const plain = {
    document: 'report.pdf',
    uri: null,
    title: 'River report',
    context: 'Floods > Spring',
    sha256: ZERO_HASH,
    start: 0,
    end: 46,
  };
  return { ...plain, page: null, pageEnd: null, ...named };
}
