import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { modelDigest } from '@tributary/proof/statements';
import { openStore, type Embedder, type Index, type Store } from '@tributary/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { evaluate } from './evaluate.ts';

/** Counts of five words: enough of a model to distinguish subjects. */
const WORDS = ['river', 'bread', 'engine', 'violin', 'zither'];
const CARD = { id: 'word counts', dimension: WORDS.length };
const vectorOf = (text: string) => Float32Array.from(WORDS, (word) => 0.01 + text.toLowerCase().split(word).length - 1);
const embedder: Embedder = {
  card: CARD,
  digest: modelDigest(CARD),
  dimension: WORDS.length,
  maxTokens: 512,
  device: { device: 'cpu', weights: 'fp32', why: 'test' },
  embed: (texts) => Promise.resolve(texts.map(vectorOf)),
  embedCounted: (texts) => Promise.resolve({ vectors: texts.map(vectorOf), tokens: 0 }),
  countTokens: (text) => text.split(' ').length,
  close: () => Promise.resolve(),
};

const TEXTS: Record<string, string[]> = {
  water: ['The river rises in the hills.', 'A river reaches the sea.', 'River, river, river.'],
  kitchen: ['Bake the bread.', 'The bread rests beside the river.'],
  motor: ['An engine needs oil.'],
  music: ['A violin has four strings.'],
};
const queries = new Map([
  ['1', 'river'],
  ['2', 'bread'],
  ['3', 'violin'],
  ['none', 'engine'],
]);
const qrels = new Map([
  ['1', new Map([['water', 1]])],
  [
    '2',
    new Map([
      ['kitchen', 2],
      ['motor', 1],
    ]),
  ],
  ['3', new Map([['water', 1]])],
  ['none', new Map([['motor', 0]])],
]);

describe('evaluate', () => {
  let folder = '';
  let store: Store;
  let index: Index;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'evaluate-'));
    store = await openStore({ directory: folder, owner: { seed: new Uint8Array(32).fill(3) }, embedder });
    index = await store.createIndex({ name: 'texts', dimension: embedder.dimension, metric: 'cosine', model: CARD });
    const source = { uri: null, title: '', context: '', sha256: '0'.repeat(64), start: 0, end: 1, page: null, pageEnd: null };
    await index.upsert(
      Object.entries(TEXTS).flatMap(([document, texts]) =>
        texts.map((text, at) => ({ id: `${document}#${at}`, text, source: { ...source, document } })),
      ),
    );
    await index.upsert([{ id: 'motor', text: 'engine', namespace: 'bare' }]);
  });
  afterAll(async () => {
    await store.close();
    await rm(folder, { recursive: true });
  });

  it('scores each mode over documents, the best chunk of each', async () => {
    const seen: string[] = [];
    const found = await evaluate({
      index,
      queries,
      qrels,
      exact: true,
      onProgress: ({ phase, done, total }) => seen.push(`${phase} ${done}/${total}`),
    });
    expect(found.queries).toBe(3);
    // 'river' finds water first, though kitchen has a chunk with it. 'bread': kitchen first (2 of 2 + 1/log2(3)), motor
    // among the rest by vector but never by keyword. 'violin': water is not first.
    const keywords = found.modes.bm25!;
    expect(keywords.ndcg10).toBeCloseTo((1 + 2 / (2 + 1 / Math.log2(3)) + 0) / 3, 12);
    expect(keywords.recall10).toBeCloseTo((1 + 0.5 + 0) / 3, 12);
    expect(keywords.recall100).toBeNull();
    expect(found.modes.dense!.recall10).toBe(1);
    expect(found.modes.dense!.ndcg10).toBeGreaterThan(keywords.ndcg10);
    expect(found.hnswRecall).toBe(1);
    expect(seen.at(0)).toBe('dense 1/3');
    expect(seen.at(-1)).toBe('exact 3/3');
  });

  it('treats a record without a source as a document', async () => {
    const found = await evaluate({
      index,
      namespace: 'bare',
      queries: new Map([['1', 'engine']]),
      qrels: new Map([['1', new Map([['motor', 1]])]]),
      modes: ['hybrid'],
      depth: 100,
    });
    const rankings = [{ denseWeight: 0.6, minRelevance: 0, queries: 1 }];
    const hybrid = { ndcg10: 1, ndcg10Line: 1, recall10: 1, recall100: 1, kept: 1, refused: null, rankings };
    expect(found).toEqual({ modes: { hybrid }, queries: 1, hnswRecall: null });
  });

  it('reports what the bounds of a measured model keep and refuse, and the weights of its questions', async () => {
    const model = { id: 'BAAI/bge-small-en-v1.5', languages: ['en'] };
    const measured = { ...index, info: () => ({ ...index.info(), model }), answer: index.answer };
    const asked = new Map([
      ['1', 'river'],
      ['2', 'wo ist das Brot, wer hat bread'],
      ['lost', 'zither'],
    ]);
    const judged = new Map([
      ['1', new Map([['water', 1]])],
      ['2', new Map([['kitchen', 1]])],
      ['lost', new Map([['music', 1]])],
    ]);
    const offTopic = ['zither', 'the zither', 'violin'];
    const { modes } = await evaluate({ index: measured, queries: asked, qrels: judged, offTopic, modes: ['hybrid', 'bm25'] });
    const { kept, refused, rankings, ndcg10, ndcg10Line } = modes.hybrid!;
    expect(rankings).toEqual([
      { denseWeight: 0.6, minRelevance: 0.4, queries: 2 },
      { denseWeight: 0.02, minRelevance: 0, queries: 1 },
    ]);
    expect(kept).toBeCloseTo(2 / 3, 12);
    expect(refused).toBeCloseTo(2 / 3, 12);
    expect(ndcg10Line).toBeLessThan(ndcg10);
    expect(modes.bm25!.refused).toBeCloseTo(2 / 3, 12);
  });

  it('stops when the signal fires', async () => {
    await expect(evaluate({ index, queries, qrels, signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' });
  });
});
