// Two real providers, each with half of the records of an index, and a third one with all of them: one question to both
// halves finds what the whole finds.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openClient } from '@tributary/client';
import { denseScore } from '@tributary/proof/ranking';
import { startProvider, type ProviderNode } from '@tributary/relay';
import { silentLog } from '@tributary/relay/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { modelDirectory } from './_network.ts';

const DIMENSION = 24;
const COUNT = 1_000;
const K = 10;

let folder: string;
const closers: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const close of closers.toReversed()) await close();
  await rm(folder, { recursive: true, force: true });
});
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-halves-'));
});

/** A direction that depends on the number alone, near one of twenty centres. */
function vectorOf(number: number): Float32Array<ArrayBuffer> {
  return Float32Array.from(
    { length: DIMENSION },
    (_, at) => Math.sin(1 + (number % 20) * 37 + at * 11) + 0.4 * Math.sin(number * 97 + at * 13),
  );
}

async function provide(name: string, numbers: readonly number[]): Promise<ProviderNode> {
  const provider = await startProvider({
    dataDirectory: join(folder, name),
    listen: ['/ip4/127.0.0.1/tcp/0'],
    bootstrap: [],
    rendezvous: null,
    modelDirectory,
    policy: (stored) => stored,
    log: silentLog,
  });
  closers.push(() => provider.close());
  const index = await provider.createIndex({ name, dimension: DIMENSION, metric: 'cosine', model: null });
  await index.upsert(numbers.map((number) => ({ id: `r${number}`, text: `record ${number}`, vector: vectorOf(number) })));
  await provider.publish(name);
  return provider;
}

async function clientOf(name: string, providers: readonly ProviderNode[]) {
  const client = await openClient({ directory: join(folder, name), bootstrap: providers.map((one) => one.addresses()[0]!) });
  closers.push(() => client.close());
  await client.refresh();
  return client;
}

it(
  'finds in two halves, merged, the ten nearest of the whole, and says that the merging is not proven',
  { timeout: 240_000 },
  async () => {
    const all = Array.from({ length: COUNT }, (_, number) => number);
    const north = await provide(
      'north',
      all.filter((number) => number % 2 === 0),
    );
    const south = await provide(
      'south',
      all.filter((number) => number % 2 === 1),
    );
    const whole = await provide('whole', all);
    const halves = await clientOf('of-halves', [north, south]);
    const one = await clientOf('of-whole', [whole]);
    let [merged, asWhole, wanted] = [0, 0, 0];
    for (let at = 0; at < 30; at += 1) {
      const vector = vectorOf(COUNT + 7 * at);
      const exact = all
        .map((number) => ({ id: `r${number}`, score: denseScore('cosine', vector, vectorOf(number)) }))
        .toSorted((a, b) => b.score - a.score)
        .slice(0, K);
      const found = await halves.query({ vector, mode: 'dense', topK: K });
      const single = await one.query({ vector, mode: 'dense', topK: K });
      expect(found.answers).toHaveLength(2);
      expect(found.notProven).toContain('mergedRank');
      // Each score is one that the verifier computed, whichever half it came from.
      const scores = new Map(exact.map(({ id, score }) => [id, score]));
      for (const { id, score } of found.results) if (scores.has(id)) expect(score).toBe(scores.get(id));
      const ids = new Set(exact.map(({ id }) => id));
      wanted += ids.size;
      merged += found.results.filter(({ id }) => ids.has(id)).length;
      asWhole += single.results.filter(({ id }) => ids.has(id)).length;
    }
    expect(merged / wanted).toBeGreaterThanOrEqual(0.99);
    expect(merged).toBeGreaterThanOrEqual(asWhole);
  },
);
