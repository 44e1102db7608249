import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fromBase64url, parseTlogProof, parseCheckpoint, verifyConsistency } from '@tributary/proof/primitives';
import { readManifest } from '@tributary/proof/statements';
import type { RecordInput } from '@tributary/schemas';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openStore } from '../src/store.ts';
import type { Index, NewIndex, Store, StoreOptions } from '../src/types.ts';
import {
  DIMENSION,
  OWNER,
  askVerified,
  everything,
  idsIn,
  recordOf,
  records,
  requestOf,
  temporaryFolder,
  toyEmbedder,
  vectorOf,
  verifyOutcome,
} from './_helpers.ts';

async function open(directory: string, more: Partial<StoreOptions> = {}): Promise<Store> {
  const store = await openStore({ directory, owner: OWNER, ...more });
  onTestFinished(() => store.close());
  return store;
}

async function openIndex(
  more: Partial<NewIndex> = {},
  options: Partial<StoreOptions> = {},
): Promise<{ store: Store; index: Index; directory: string }> {
  const directory = await temporaryFolder();
  const store = await open(directory, options);
  const index = await store.createIndex({ name: 'rivers', dimension: DIMENSION, metric: 'cosine', model: null, ...more });
  return { store, index, directory };
}

describe('an index', () => {
  it('gives answers in each mode that verify', async () => {
    const { index } = await openIndex();
    await index.upsert(records(40));
    for (const mode of ['hybrid', 'dense', 'bm25'] as const) {
      const { outcome, verified } = await askVerified(index, { mode, filter: { number: { $lt: 30 } } });
      expect(outcome.status).toBe('ok');
      expect(verified.answer.results[0]?.shown.id.value).toBe('r3');
      expect(verified.answer.results).toHaveLength(outcome.count);
      expect(verified.notProven).toContain('completeness');
    }
    const { verified } = await askVerified(index, { minRelevance: 1, filter: { number: 99 } });
    expect(verified.answer).toMatchObject({ status: 'empty', results: [] });
  });

  it.each(['dotproduct', 'euclidean'] as const)('gives answers under %s that verify', async (metric) => {
    const { index } = await openIndex({ metric });
    await index.upsert(records(40));
    const { verified } = await askVerified(index, { mode: 'dense' });
    expect(verified.answer.results).toHaveLength(5);
  });

  it('keeps everything when it is closed and opened again', async () => {
    const { store, index, directory } = await openIndex({ visibility: 'listed', title: 'Rivers', author: 'A. Author' });
    await index.upsert(records(30));
    await index.delete({ ids: ['r7'] });
    const before = index.info();
    await store.close();
    const again = (await open(directory)).index('rivers');
    expect(again.info()).toEqual(before);
    expect(await again.fetch(['r7'])).toEqual([]);
    const { verified } = await askVerified(again);
    expect(verified.writes[0]?.statement).toMatchObject({ author: 'A. Author', custody: 'self', sequence: 1 });
    expect(await again.check()).toMatchObject({ ok: true, writes: 2, records: 29 });
  });

  it('updates, deletes, fetches, lists and counts', async () => {
    const { index } = await openIndex();
    await index.upsert([...records(25), recordOf('elsewhere', { namespace: 'other' })]);
    expect(await index.update({ id: 'r1', text: 'Now of lakes.', setMetadata: { wet: true } })).toEqual({
      sequence: 2,
      count: 1,
    });
    expect(await index.update({ id: 'absent', text: 'x' })).toEqual({ sequence: 2, count: 0 });
    const [updated] = await index.fetch(['r1', 'absent']);
    expect(updated).toMatchObject({ text: 'Now of lakes.', metadata: { name: 'r1', number: 1, wet: true }, version: 2 });
    expect(updated?.vector).toEqual(vectorOf('r1'));
    expect(await index.delete({ filter: { number: { $gte: 20 } } })).toEqual({ sequence: 3, count: 5 });
    expect(await index.delete({ ids: ['r0', 'absent'] })).toEqual({ sequence: 4, count: 1 });
    const first = await index.list({ prefix: 'r1', limit: 4 });
    expect(first).toEqual({ ids: ['r1', 'r10', 'r11', 'r12'], next: 'r12' });
    const rest = await index.list({ prefix: 'r1', limit: 100, after: first.next! });
    expect(rest).toEqual({ ids: ['r13', 'r14', 'r15', 'r16', 'r17', 'r18', 'r19'], next: null });
    expect(await index.stats()).toMatchObject({ records: 20, namespaces: { '': 19, other: 1 }, sequence: 4 });
    expect(await index.delete({ all: true }, 'other')).toEqual({ sequence: 5, count: 1 });
    // Free slots are reused, and their content verifies.
    await index.upsert(records(6, 'new'));
    await askVerified(index, { text: 'the number new3', vector: null, mode: 'bm25' });
    expect(await index.check()).toMatchObject({ ok: true, records: 25 });
  });

  it('destroys the text of deleted records on disk', async () => {
    const { store, index, directory } = await openIndex();
    // Random letters, which compression does not change.
    const secret = 'xqzjvkwpyfbgh';
    const folder = join(directory, 'indexes/rivers/db');
    const isThere = async () => {
      const files = await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name), 'latin1')));
      return files.some((text) => text.includes(secret));
    };
    await index.upsert([recordOf('secret', { text: `the passphrase is ${secret}` }), ...records(20)]);
    expect(await isThere()).toBe(true);
    await index.delete({ ids: ['secret'] });
    await index.compact();
    expect(await isThere()).toBe(false);
    // The same for a replaced record, and when the files are older than the process.
    await index.upsert([recordOf('r3', { text: `once more ${secret}` })]);
    await store.close();
    const again = (await open(directory)).index('rivers');
    expect(await isThere()).toBe(true);
    await again.upsert([recordOf('r3')]);
    await again.close();
    expect(await isThere()).toBe(false);
  });

  it('sells no record that is not for sale, and shows it to its owner', async () => {
    const { index } = await openIndex();
    await index.upsert([...records(10), recordOf('own', { sell: 'never', text: 'rivers and the number r3 r3' })]);
    const request = requestOf(index.info().id, { topK: 100 });
    const ids = async (client: 'owner' | 'other') => {
      return idsIn(await index.answer({ parsed: request }, { client, topKMax: 100 }));
    };
    expect(await ids('other')).not.toContain('own');
    expect(await ids('owner')).toContain('own');
  });

  it('lets a client learn nothing of what is not for sale, not even by counts', async () => {
    const { index } = await openIndex();
    await index.upsert(records(10));
    const request = requestOf(index.info().id, { mode: 'bm25', text: 'number merger', vector: null, minRelevance: 1 });
    const ask = async (client: 'owner' | 'other') => {
      const { status, statistics } = await index.answer({ parsed: request }, { client, topKMax: 100 });
      return { status, statistics };
    };
    const before = await ask('other');
    expect(before).toMatchObject({ status: 'empty', statistics: { terms: { merger: 0 } } });
    await index.upsert([recordOf('own', { sell: 'never', text: 'the merger, the merger and the number of it' })]);
    expect(await ask('other')).toEqual(before);
    expect((await ask('owner')).statistics).toMatchObject({ records: 11, terms: { merger: 1 } });
  });

  it('waits for the write a request names, and gives up with SNAPSHOT_BEHIND', async () => {
    const { index } = await openIndex();
    const written = index.upsert(records(10));
    const { outcome } = await askVerified(index, { minSequence: 1 });
    expect(outcome.status).toBe('ok');
    await written;
    await expect(askVerified(index, { minSequence: 9 })).rejects.toMatchObject({ code: 'SNAPSHOT_BEHIND' });
  });

  it('embeds texts and questions with its model', async () => {
    const embedder = toyEmbedder();
    const { index } = await openIndex({ model: embedder.card }, { embedder });
    await index.upsert([
      { id: 'a', text: 'salmon climb the river' },
      { id: 'b', text: 'moons of Jupiter' },
    ]);
    const { outcome, verified } = await askVerified(index, { text: 'river salmon', vector: null, mode: 'dense', topK: 1 });
    expect(verified.answer.results[0]?.shown.id.value).toBe('a');
    expect(verified.notProven).toContain('queryEmbedding');
    expect(outcome.queryVector).not.toBeNull();
    await index.update({ id: 'b', text: 'river salmon' });
    expect((await index.fetch(['b']))[0]?.vector).toEqual((await embedder.embed(['river salmon'], 'query'))[0]);
  });

  it('proves that its log only grows', async () => {
    const { index } = await openIndex();
    const heads = [];
    for (let round = 0; round < 5; round += 1) {
      await index.upsert([recordOf(`r${round}`)]);
      const { log, manifest } = await index.snapshot(index.info().manifestHash);
      expect(readManifest(manifest).manifest.sequence).toBe(round + 1);
      heads.push(parseCheckpoint(parseTlogProof(log).checkpoint.split('\n\n')[0]! + '\n'));
    }
    const [first, , , , last] = heads;
    const path = (await index.consistency(first!.size, last!.size)).map(fromBase64url);
    expect(
      verifyConsistency({ first: first!.size, second: last!.size, firstRoot: first!.root, secondRoot: last!.root, path }),
    ).toBe(true);
    await expect(index.consistency(1, 99)).rejects.toMatchObject({ code: 'SNAPSHOT_BEHIND' });
  });
});

describe('an answer asked for again', () => {
  it('is the same bytes after other records changed, and gone after its own did', async () => {
    const { index } = await openIndex();
    await index.upsert(records(20));
    const parsed = requestOf(index.info().id);
    const first = await index.answer({ parsed }, everything);
    const shown = idsIn(first);
    const other = records(20).find(({ id }) => !shown.includes(id))!;
    await index.upsert([{ ...other, text: 'changed' }, ...records(30, 'more')]);
    await index.delete({
      ids: records(20)
        .map(({ id }) => id)
        .filter((id) => !shown.includes(id)),
    });
    const journal = { ...first, request: Buffer.from(JSON.stringify(parsed)) };
    const again = await index.rebuild(journal);
    expect(Buffer.from(again.body).equals(Buffer.from(first.body))).toBe(true);
    expect(again).toEqual(first);
    await verifyOutcome(index, parsed, again);
    await index.delete({ ids: [shown[0]!] });
    const gone = await index.rebuild(journal);
    expect(gone).toMatchObject({ status: 'gone', count: 0, snapshot: index.info().snapshot });
    await verifyOutcome(index, parsed, gone);
  });
});

describe('what an index refuses', () => {
  it('records that are not well formed, and the rest of their write with them', async () => {
    const { index } = await openIndex();
    const wrong: [string, RecordInput][] = [
      ['VECTOR_DIMENSION', recordOf('x', { vector: new Float32Array(3).fill(1) })],
      ['VECTOR_ZERO', recordOf('x', { vector: new Float32Array(DIMENSION) })],
      ['VECTOR_NOT_FINITE', recordOf('x', { vector: new Float32Array(DIMENSION).fill(Number.NaN) })],
      ['RECORD_INVALID', recordOf('')],
      ['RECORD_INVALID', { id: 'x', text: 'no vector, no model' }],
      ['VECTOR_KIND', recordOf('x', { sparse: { indices: Uint32Array.of(1), values: Float32Array.of(1) } })],
      ['METADATA_INVALID', recordOf('x', { metadata: { $a: 1 } })],
    ];
    for (const [code, record] of wrong) {
      await expect(index.upsert([recordOf('good'), record])).rejects.toMatchObject({ code });
    }
    expect(index.info()).toMatchObject({ records: 0, sequence: 0 });
  });

  it('writes beyond the bound, questions that do not fit, ids that are taken', async () => {
    const { store, index } = await openIndex();
    await expect(index.upsert(records(1_001))).rejects.toMatchObject({ code: 'WRITE_TOO_LARGE' });
    await expect(askVerified(index, { vector: 'AACAPwAAgD8' })).rejects.toMatchObject({ code: 'VECTOR_DIMENSION' });
    await expect(askVerified(index, { model: 'f'.repeat(64) })).rejects.toMatchObject({ code: 'QUERY_INVALID' });
    await expect(askVerified(index, { vector: null })).rejects.toMatchObject({ code: 'QUERY_INVALID' });
    await expect(askVerified(index, { filter: { a: { $near: 1 } } })).rejects.toMatchObject({ code: 'FILTER_INVALID' });
    const again = { name: 'rivers', dimension: 2, metric: 'cosine', model: null } as const;
    await expect(store.createIndex(again)).rejects.toMatchObject({ code: 'INDEX_EXISTS' });
    await expect(store.createIndex({ ...again, name: 'No Name' })).rejects.toMatchObject({ code: 'INDEX_NAME' });
    expect(() => store.index('absent')).toThrow(expect.objectContaining({ code: 'INDEX_NOT_FOUND' }));
    expect(store.index(index.info().id)).toBe(index);
    await store.removeIndex('rivers');
    expect(() => store.index('rivers')).toThrow(expect.objectContaining({ code: 'INDEX_NOT_FOUND' }));
    await expect(index.stats()).rejects.toMatchObject({ code: 'STORE_CLOSED' });
  });

  it('a second process', async () => {
    const { directory } = await openIndex();
    const second = await open(directory);
    expect(second.failed()).toMatchObject([{ name: 'rivers', error: { code: 'STORE_LOCKED' } }]);
    expect(() => second.index('rivers')).toThrow(expect.objectContaining({ code: 'STORE_LOCKED' }));
  });
});

describe('the settings of an index', () => {
  it('change one after the other, and are private at first', async () => {
    const { store, index, directory } = await openIndex();
    expect(index.info()).toMatchObject({ visibility: 'private', title: '' });
    const [, last] = await Promise.all([index.setVisibility('listed'), index.setCard({ title: 'New' })]);
    expect(last).toMatchObject({ visibility: 'listed', title: 'New' });
    await expect(index.setCard({ title: 'x'.repeat(999) })).rejects.toMatchObject({ code: 'RECORD_INVALID' });
    await store.close();
    expect((await open(directory)).index('rivers').info()).toEqual(last);
  });
});
