import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Embedder } from '../embedding.ts';
import { openEmbedder } from './embedder.ts';

const modelDirectory = fileURLToPath(new URL('../../../../models/bge-small-en-v1.5', import.meta.url));
let embedder: Embedder;
beforeAll(async () => {
  embedder = await openEmbedder({ modelDirectory, workers: 1 });
});
afterAll(() => embedder.close());

test('counts the tokens that the model read, and gives the same vectors', async () => {
  const texts = ['hello world', 'Salmon climb the river in autumn.', 'hello world'];
  const { vectors, tokens } = await embedder.embedCounted(texts, 'document');
  expect(vectors).toEqual(await embedder.embed(texts, 'document'));
  expect(tokens).toBe(texts.reduce((sum, text) => sum + embedder.countTokens(text), 0));
  expect(tokens).toBe(4 + 9 + 4);
});

test('refuses a text that is longer than the window, and names it', async () => {
  // Each word is one token; the model adds two of its own.
  const words = (count: number): string => Array.from({ length: count }, () => 'river').join(' ');
  const fits = await embedder.embedCounted([words(510)], 'document');
  expect(fits.tokens).toBe(512);
  const refused = embedder.embedCounted(['short', words(511)], 'document');
  await expect(refused).rejects.toMatchObject({ code: 'TEXT_TOO_LONG', message: expect.stringMatching(/text 1 .*513 .*512/) });
});

test('stops when the signal fires', async () => {
  const signal = AbortSignal.abort(new Error('hung up'));
  await expect(embedder.embedCounted(['a'], 'document', signal)).rejects.toThrow('hung up');
});
