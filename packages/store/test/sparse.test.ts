// Sparse vectors and sums of both kinds, from the write to an answer that a verifier accepts.
import { sparseToBase64url, vectorToBase64url } from '@tributary/proof/primitives';
import type { QueryMode, Request, SparseVector } from '@tributary/schemas';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openStore } from '../src/store.ts';
import type { NewIndex } from '../src/types.ts';
import {
  DIMENSION,
  OWNER,
  askVerified,
  recordOf,
  requestOf,
  sparseOf,
  temporaryFolder,
  toyEmbedder,
  vectorOf,
} from './_helpers.ts';

const SPARSE: NewIndex = { name: 'words', dimension: 0, metric: 'dotproduct', vectors: 'sparse', model: null };
const BOTH: NewIndex = { name: 'both', dimension: DIMENSION, metric: 'dotproduct', vectors: 'both', model: null };
const sparseRecord = (id: string) => {
  const { vector: _, ...rest } = recordOf(id, { sparse: sparseOf(id) });
  return rest;
};
const names = Array.from({ length: 40 }, (_, at) => `r${at}`);

function asked(mode: QueryMode, sparse: SparseVector, more: Partial<Request> = {}): Partial<Request> {
  const dense = mode === 'dense-sparse' ? vectorToBase64url(vectorOf('question')) : null;
  return { mode, denseWeight: null, text: null, vector: dense, sparse: sparseToBase64url(sparse), ...more };
}

/** The best ids by the scores that the definition gives, each computed for itself. */
function expected(mode: QueryMode, query: SparseVector, own: (name: string) => SparseVector | null, topK: number): string[] {
  const scored = names.map((name) => {
    const record = own(name);
    let [sparse, shared, dense] = [0, 0, 0];
    query.indices.forEach((index, at) => {
      const place = record?.indices.indexOf(index) ?? -1;
      if (place < 0) return;
      sparse += query.values[at]! * record!.values[place]!;
      shared += 1;
    });
    vectorOf('question').forEach((value, at) => (dense += value * vectorOf(name)[at]!));
    return { name, shared, score: mode === 'sparse' ? sparse : dense + sparse };
  });
  return scored
    .filter(({ shared }) => mode !== 'sparse' || shared > 0)
    .toSorted((a, b) => b.score - a.score)
    .slice(0, topK)
    .map(({ name }) => name);
}

describe('answers that a verifier accepts', () => {
  test('of sparse vectors alone, and of both kinds, are those of brute force', async () => {
    const store = await openStore({ directory: await temporaryFolder(), owner: OWNER });
    const words = await store.createIndex(SPARSE);
    const both = await store.createIndex(BOTH);
    await words.upsert(names.map(sparseRecord));
    const own = (name: string) => (name.endsWith('3') ? null : sparseOf(name));
    await both.upsert(names.map((name) => recordOf(name, { sparse: own(name) })));
    const cases: [typeof words, QueryMode, typeof own][] = [
      [words, 'sparse', sparseOf],
      [both, 'sparse', own],
      [both, 'dense-sparse', own],
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...cases),
        fc.nat(1_000),
        fc.integer({ min: 1, max: 50 }),
        async ([index, mode, of], seed, topK) => {
          const query = sparseOf(`question ${seed}`);
          const { verified } = await askVerified(index, asked(mode, query, { topK }));
          const ids = verified.answer.results.map(({ shown }) => shown.id.value);
          expect(ids).toEqual(expected(mode, query, of, topK));
          expect(verified.notProven).toContain('completeness');
        },
      ),
      { numRuns: 60 },
    );
    const filtered = asked('dense-sparse', sparseOf('x'), { topK: 9, filter: { name: { $in: ['r3', 'r5'] } } });
    expect((await askVerified(both, filtered)).verified.answer.results).toHaveLength(2);
    await store.close();
  }, 60_000);

  test('of other modes are as before, and a repeated answer has the same bytes', async () => {
    const store = await openStore({ directory: await temporaryFolder(), owner: OWNER });
    const both = await store.createIndex(BOTH);
    const words = await store.createIndex(SPARSE);
    await both.upsert(names.map((name) => recordOf(name, { sparse: sparseOf(name) })));
    await words.upsert(names.map(sparseRecord));
    for (const mode of ['dense', 'hybrid', 'bm25'] as const)
      expect((await askVerified(both, { mode, denseWeight: mode === 'hybrid' ? 0.5 : null })).verified.answer.status).toBe('ok');
    expect((await askVerified(words, { mode: 'bm25', vector: null })).verified.answer.status).toBe('ok');
    const request = requestOf(both.info().id, asked('dense-sparse', sparseOf('x')));
    const { body, snapshot, items, queryVector, statistics } = await both.answer(
      { parsed: request },
      { client: 'other', topKMax: 9 },
    );
    const row = JSON.parse(JSON.stringify({ snapshot, items, queryVector, statistics }));
    await both.upsert([recordOf('later', { sparse: sparseOf('later') })]);
    const again = await both.rebuild({ ...row, request: Buffer.from(JSON.stringify(request)) });
    expect(Buffer.from(again.body)).toEqual(Buffer.from(body));
    await store.close();
  });
});

test('are the same after a restart, an update and a deletion; check finds nothing', async () => {
  const directory = await temporaryFolder();
  const first = await openStore({ directory, owner: OWNER });
  const made = await first.createIndex(SPARSE);
  await made.upsert(names.map(sparseRecord));
  await made.update({ id: 'r1', sparse: { indices: Uint32Array.of(77), values: Float32Array.of(2) } });
  await made.update({ id: 'r2', setMetadata: { changed: true } });
  await made.delete({ ids: ['r3'] });
  const question = asked('sparse', { indices: Uint32Array.of(77), values: Float32Array.of(0.5) });
  const before = await askVerified(made, question);
  expect(before.verified.answer.results.map(({ shown, score }) => [shown.id.value, score])).toEqual([['r1', 1]]);
  await first.close();

  const second = await openStore({ directory, owner: OWNER });
  const words = second.index('words');
  expect(words.info()).toMatchObject({ vectors: 'sparse', dimension: 0, records: 39 });
  expect(Buffer.from((await askVerified(words, question)).outcome.body)).toEqual(Buffer.from(before.outcome.body));
  const [one, two] = await words.fetch(['r1', 'r2']);
  expect(one).toMatchObject({ vector: new Float32Array(0), sparse: { indices: Uint32Array.of(77), values: Float32Array.of(2) } });
  expect(two).toMatchObject({ sparse: sparseOf('r2'), metadata: { changed: true } });
  const { records } = await words.fetchMatching({ filter: { changed: true }, limit: 9 });
  expect(records).toMatchObject([{ id: 'r2', sparse: sparseOf('r2') }]);
  expect(await words.check()).toMatchObject({ ok: true, findings: [] });
  expect((await words.stats()).memoryBytes).toBeGreaterThan(0);
  await second.close();
});

test('a text may be embedded while the caller gives the sparse vector', async () => {
  const embedder = toyEmbedder();
  const store = await openStore({ directory: await temporaryFolder(), owner: OWNER, embedder });
  const index = await store.createIndex({ ...BOTH, model: embedder.card });
  await index.upsert([{ id: 'a', text: 'a river', sparse: sparseOf('a') }]);
  const [record] = await index.fetch(['a']);
  expect([record!.vector.length, record!.sparse]).toEqual([DIMENSION, sparseOf('a')]);
  const question = { ...asked('dense-sparse', sparseOf('a')), vector: null, text: 'river' };
  expect((await askVerified(index, question)).verified.notProven).toContain('queryEmbedding');
  await store.close();
});

test('what does not fit an index is refused, and nothing is written', async () => {
  const store = await openStore({ directory: await temporaryFolder(), owner: OWNER });
  const refuses = (what: Promise<unknown>, code: string) => expect(what).rejects.toMatchObject({ code });
  await refuses(store.createIndex({ ...SPARSE, dimension: 4 }), 'RECORD_INVALID');
  await refuses(store.createIndex({ ...BOTH, dimension: 0 }), 'RECORD_INVALID');
  await refuses(store.createIndex({ ...BOTH, metric: 'cosine' }), 'RECORD_INVALID');
  const words = await store.createIndex(SPARSE);
  const both = await store.createIndex(BOTH);
  const dense = await store.createIndex({ ...BOTH, name: 'dense', vectors: 'dense' });
  const sparse = sparseOf('x');
  await refuses(words.upsert([recordOf('x', { sparse })]), 'VECTOR_KIND');
  await refuses(words.upsert([{ id: 'x', text: 'no vector' }]), 'VECTOR_KIND');
  await refuses(words.update({ id: 'x', vector: vectorOf('x') }), 'VECTOR_KIND');
  await refuses(dense.upsert([recordOf('x', { sparse })]), 'VECTOR_KIND');
  await refuses(dense.update({ id: 'x', sparse }), 'VECTOR_KIND');
  await refuses(both.upsert([{ id: 'x', sparse }]), 'RECORD_INVALID');
  const doubled = { indices: Uint32Array.of(4, 4), values: Float32Array.of(1, 2) };
  const wrong: SparseVector[] = [
    doubled,
    { indices: Uint32Array.of(9, 4), values: Float32Array.of(1, 2) },
    { indices: Uint32Array.of(4), values: Float32Array.of(0) },
    { indices: Uint32Array.of(4), values: Float32Array.of(NaN) },
    { indices: Uint32Array.of(4), values: Float32Array.of(1, 2) },
    { indices: new Uint32Array(0), values: new Float32Array(0) },
    { indices: Uint32Array.from({ length: 2_049 }, (_, at) => at), values: new Float32Array(2_049).fill(1) },
  ];
  for (const vector of wrong) await refuses(words.upsert([{ id: 'x', sparse: vector }]), 'RECORD_INVALID');
  await words.upsert([
    {
      id: 'full',
      sparse: { indices: Uint32Array.from({ length: 2_048 }, (_, at) => at), values: new Float32Array(2_048).fill(1) },
    },
  ]);
  expect([words, both, dense].map((index) => index.info().records)).toEqual([1, 0, 0]);

  const ask = (index: typeof words, more: Partial<Request>) => index.search({ parsed: requestOf(index.info().id, more) });
  await refuses(ask(words, { mode: 'dense' }), 'VECTOR_KIND');
  await refuses(ask(dense, asked('sparse', sparse)), 'VECTOR_KIND');
  await refuses(ask(dense, asked('dense-sparse', sparse)), 'VECTOR_KIND');
  await refuses(ask(both, { ...asked('sparse', sparse), sparse: sparseToBase64url(doubled) }), 'QUERY_INVALID');
  await store.close();
});
