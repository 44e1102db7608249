import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { Reranker } from '../reranking.ts';
import { overlapScore, writeCrossEncoder } from '../testing/cross-encoder.ts';
import { openReranker, openRerankPool } from './reranker.ts';

const tokenizer = fileURLToPath(new URL('../../../../models/bge-small-en-v1.5', import.meta.url));
const QUESTION = 'white birds sing here';
const TEXTS = ['The spring flood begins in April.', 'White birds sing on the hill.', 'a white wall'];
const SHARES = [0, 3 / 4, 1 / 4];
const close = (scores: readonly number[]) => scores.map((score) => expect.closeTo(score, 5) as number);
const words = (count: number, word: string): string => Array.from({ length: count }, () => word).join(' ');

let folder: string;
let reranker: Reranker;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-rerank-'));
  for (const classes of [1, 2] as const) await writeCrossEncoder(join(folder, String(classes)), tokenizer, { classes });
  reranker = await openReranker({ modelDirectory: join(folder, '1'), workers: 2 });
});
afterAll(async () => {
  await reranker.close();
  await rm(folder, { recursive: true, force: true });
});

test('scores each text by the model, in the order of the texts', async () => {
  expect(reranker).toMatchObject({ id: 'test/overlap', maxTokens: 512, device: { device: 'cpu', weights: 'fp32' } });
  expect(await reranker.rerank(QUESTION, TEXTS)).toEqual(close(SHARES.map(overlapScore)));
  expect(await reranker.rerank(QUESTION, [''])).toEqual(close([overlapScore(0)]));
  expect(await reranker.rerank(QUESTION, [])).toEqual([]);
});

test('two classes give the probability of the second', async () => {
  const other = await openReranker({ modelDirectory: join(folder, '2'), workers: 1 });
  onTestFinished(() => other.close());
  expect(await other.rerank(QUESTION, TEXTS)).toEqual(close(SHARES.map(overlapScore)));
});

test('pairs of different lengths side by side have the scores that they have alone', async () => {
  const pool = await openRerankPool({ directory: join(folder, '1'), device: 'cpu', weights: 'fp32', maxTokens: 512 }, 1);
  onTestFinished(() => pool.close());
  const texts = [...TEXTS, `${words(600, 'river')} birds`, words(100, 'sing')];
  const pairs = texts.map((text) => ({ question: QUESTION, text }));
  const side = await pool.run({ pairs, whole: false });
  const alone = await Promise.all(pairs.map(async (pair) => (await pool.run({ pairs: [pair], whole: false }))[0]!));
  expect(side.map(({ tokens }) => tokens)).toEqual(alone.map(({ tokens }) => tokens));
  expect(side.map(({ score }) => score)).toEqual(close(alone.map(({ score }) => score!)));
});

test('cuts what does not fit: the text before the question, and no more than needed', async () => {
  // Three special tokens and a question of four leave 505 for the text.
  const last = (count: number) => `${words(count - 1, 'river')} birds`;
  expect(await reranker.rerank(QUESTION, [last(505), last(506)])).toEqual(close([1 / 4, 0].map(overlapScore)));
  // A question takes half of the 509 tokens when the text needs the other half, and more when it does not.
  const question = `${words(253, 'river')} birds ${words(300, 'river')}`;
  const [short, long] = await reranker.rerank(question, ['birds', `birds ${words(400, 'hill')}`]);
  expect(short).toBeCloseTo(overlapScore(1 / 508), 5);
  expect(long).toBeCloseTo(overlapScore(1 / 254), 5);
});

test('refuses what does not fit where it must not be cut', async () => {
  await expect(reranker.rerank(QUESTION, [words(505, 'river')], { whole: true })).resolves.toHaveLength(1);
  const refused = reranker.rerank(QUESTION, ['a', words(506, 'river')], { whole: true });
  await expect(refused).rejects.toMatchObject({ code: 'TEXT_TOO_LONG', message: expect.stringMatching(/text 1 .*513 .*512/) });
});

test('stops when the signal fires', async () => {
  const signal = AbortSignal.abort(new Error('hung up'));
  await expect(reranker.rerank(QUESTION, TEXTS, { signal })).rejects.toThrow('hung up');
});

test.each<[string, object | null, RegExp]>([
  ['without a configuration', null, /config\.json/],
  ['with another file in its place', [], /config\.json/],
  ['of a classifier of three', { model_type: 'bert', id2label: { 0: 'a', 1: 'b', 2: 'c' } }, /3 classes/],
  ['without weights', { model_type: 'bert' }, /no weights/],
])('a folder %s is refused', async (_, config, message) => {
  const empty = await mkdtemp(join(tmpdir(), 'tributary-rerank-'));
  onTestFinished(() => rm(empty, { recursive: true, force: true }));
  if (config !== null) await writeFile(join(empty, 'config.json'), JSON.stringify(config));
  const refused = { code: 'MODEL_NOT_FOUND', message: expect.stringMatching(message) };
  await expect(openReranker({ modelDirectory: empty })).rejects.toMatchObject(refused);
});
