// How well similar vectors tell that two writers mean the same: the limit of `minWriters`, measured with the shipped
// model on pairs of facts. docs/guides/agents.md has the figures.
import { readFile } from 'node:fs/promises';
import { openEmbedder, type Embedder } from '@tributary/store';
import { denseScore } from '@tributary/proof/ranking';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { similarityMinDefault } from '../packages/mcp/src/limits.ts';
import { modelDirectory } from './_network.ts';
import { OPPOSED, RELATED, SAME, type Pair } from './agreement/pairs.ts';

let embedder: Embedder;
const vectors = new Map<string, Float32Array>();
beforeAll(async () => {
  embedder = await openEmbedder({ modelDirectory, workers: 1 });
  for (const text of new Set([...SAME, ...RELATED, ...OPPOSED].flat()))
    vectors.set(text, (await embedder.embed([text], 'document'))[0]!);
}, 120_000);
afterAll(() => embedder.close());

/** How many of the pairs are similar. */
const similar = (pairs: readonly Pair[]): number =>
  pairs.filter(([one, other]) => denseScore('cosine', vectors.get(one)!, vectors.get(other)!) >= similarityMinDefault).length;

/** Each fact with each other one. */
const UNRELATED: readonly Pair[] = SAME.flatMap(([one], at) => SAME.slice(at + 1).map(([other]): Pair => [one, other]));

it('the guide has what was measured', async () => {
  const rows = [];
  for (const [kind, pairs] of Object.entries({
    'the same fact in other words': SAME,
    'another fact about the same thing': RELATED,
    'a fact that contradicts it in a detail': OPPOSED,
    'a fact about something else': UNRELATED,
  }))
    rows.push(`| ${kind} | ${pairs.length} | ${similar(pairs)} |`);
  expect(await readFile(new URL('../docs/guides/agents.md', import.meta.url), 'utf8')).toContain(rows.join('\n'));
});
