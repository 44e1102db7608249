import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
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

test('reads a model whatever its folder is called', async () => {
  const place = await mkdtemp(join(tmpdir(), 'tributary-model-'));
  const folder = join(place, 'bge--small @1.5.git');
  await symlink(modelDirectory, folder);
  const named = await openEmbedder({ modelDirectory: folder, workers: 1 });
  expect(named.digest).toBe(embedder.digest);
  expect(await named.embed(['salmon'], 'query')).toEqual(await embedder.embed(['salmon'], 'query'));
  await named.close();
  await rm(place, { recursive: true });
});

test('stops when the signal fires', async () => {
  const signal = AbortSignal.abort(new Error('hung up'));
  await expect(embedder.embedCounted(['a'], 'document', signal)).rejects.toThrow('hung up');
});

test.runIf(process.platform === 'linux')(
  'lets the model go when no text comes, gives its memory back, and loads it again',
  async () => {
    const { embedder: short, models } = await openShort(700);
    expect(models()).toEqual([]);
    const [before] = await short.embed(['how is a request validated'], 'query');
    const [held = 0, ...others] = models();
    expect(others).toEqual([]);
    expect(held).toBeGreaterThan(50);
    await expect.poll(models, { timeout: 20_000 }).toEqual([]);
    // Two at once: both wait for the same loading.
    const again = await Promise.all([1, 2].map(() => short.embed(['how is a request validated'], 'query')));
    expect(again).toEqual([[before], [before]]);
    expect(models()).toHaveLength(1);
  },
);

/** With the anonymous memory of the processes that hold the model, in MiB. */
async function openShort(idleMs: number) {
  const own = childrenOf(process.pid);
  const opened = await openEmbedder({ modelDirectory, workers: 1, idleMs });
  onTestFinished(() => opened.close());
  const anonymousOf = (pid: number): number =>
    Number(/^RssAnon:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1_024;
  const models = () =>
    childrenOf(process.pid)
      .filter((pid) => !own.includes(pid))
      .map(anonymousOf);
  return { embedder: opened, models };
}

/** Each thread of a process lists those that it started. */
function childrenOf(pid: number): number[] {
  const lists = readdirSync(`/proc/${pid}/task`).map((thread) => readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8'));
  return lists.flatMap((list) => list.split(' ').filter(Boolean).map(Number));
}
