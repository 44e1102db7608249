// `tributary import pinecone`: from one node, filled by Pinecone's own client, into another one. Source, target and the
// command are processes of their own, and the command is killed in its middle.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openHttpClient } from '@tributary/client';
import { vectorFromBase64url } from '@tributary/proof/primitives';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { openPinecone, recordsOf } from './_pinecone.ts';
import { openWorkplace, type Workplace } from './_processes.ts';

const DIMENSION = 32;
const SECRET = 'pc-secret-of-this-test';
const COUNTS: Readonly<Record<string, number>> = { '': 2_300, german: 1_700 };

let place: Workplace;
let [from, to] = ['', ''];
beforeAll(async () => {
  vi.stubEnv('PINECONE_API_KEY', SECRET);
  place = await openWorkplace();
  const start = async (name: string) => {
    const node = place.start(['node', '--port', '0', '--data', join(place.folder, name)]);
    return (await node.says(/^node at (\S+)$/m))[1]!;
  };
  [from, to] = await Promise.all([start('from'), start('to')]);
  await fill();
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await place.close();
});

const idOf = (at: number) => `doc ${at}#a&b`;
const vectorOf = (at: number) => Array.from({ length: DIMENSION }, (_, column) => Math.fround(Math.sin(at * 97 + column)));

async function fill(): Promise<void> {
  const { client, index } = await openPinecone(9, from, SECRET);
  const spec = { serverless: { cloud: 'aws', region: 'us-east-1' } };
  await client['createIndex']!({ name: 'films', dimension: DIMENSION, metric: 'dotproduct', spec });
  for (const [namespace, count] of Object.entries(COUNTS)) {
    for (let at = 0; at < count; at += 100) {
      const some = Array.from({ length: Math.min(100, count - at) }, (_, place) => at + place);
      const metadata = (one: number) => ({ at: one, text: `film ${one}`, tags: ['a', 'b'] });
      await index('films', namespace || '__default__').upsert(
        some.map((one) => ({ id: idOf(one), values: vectorOf(one), metadata: metadata(one) })),
      );
    }
  }
}

const command = (...more: string[]) => ['import', 'pinecone', '--to', 'films', '--gateway', to, ...more];
const checkpoints = async () => {
  const folder = join(place.folder, 'home', 'import');
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => name.endsWith('.json')).map((name) => join(folder, name));
};

it('goes on after kill -9; counts are equal, and 1,000 sampled records equal to the bit', async () => {
  const args = command('--controller', from, '--index', 'films');
  const first = place.start([...args, '--rate', '1000']);
  const checkpoint = await vi.waitFor(
    async () => {
      const [path] = await checkpoints();
      expect(path).toBeDefined();
      return path!;
    },
    { timeout: 90_000, interval: 20 },
  );
  const { err: before } = await first.kill('SIGKILL');
  const saved = await readFile(checkpoint, 'utf8');
  expect(JSON.parse(saved).read).toBeLessThan(4_000);
  const { code, out, err } = await place.run(...args, '--json');
  const report = JSON.parse(out);
  expect(report).toMatchObject({ read: 4_000, written: 4_000, source: 4_000, before: 0, now: 4_000, differences: [] });
  expect(report.sampled).toEqual({ compared: 1_000, different: [] });
  expect(code).toBe(0);
  expect(`${before}${saved}${err}${out}`).not.toContain(SECRET);
  await compareAll();
});

/** Every third record, as the client of either node sees it and as the target's own API has it. */
async function compareAll(): Promise<void> {
  const [source, target] = await Promise.all([openPinecone(9, from, SECRET), openPinecone(9, to, SECRET)]);
  const own = openHttpClient({ gateway: to });
  expect(await own.ownIndexes()).toMatchObject([{ name: 'films', dimension: DIMENSION, metric: 'dotproduct' }]);
  for (const [namespace, count] of Object.entries(COUNTS)) {
    const numbers = Array.from({ length: Math.floor(count / 3) }, (_, at) => at * 3);
    for (let at = 0; at < numbers.length; at += 100) {
      const ids = numbers.slice(at, at + 100).map(idOf);
      const both = [source, target].map((side) => side.index('films', namespace || '__default__').fetch(ids));
      const [there, here] = await Promise.all(both);
      expect(Object.keys(recordsOf(here))).toHaveLength(ids.length);
      expect(recordsOf(here)).toEqual(recordsOf(there));
    }
    const records = await own.index('films').fetch(numbers.map(idOf), { namespace, vectors: true });
    expect(records.map(({ vector }) => [...vectorFromBase64url(vector!)])).toEqual(numbers.map(vectorOf));
  }
}

it('takes one namespace into another, with its text, from the address of the index', async () => {
  const host = ((await openPinecone(9, from, SECRET)).client['describeIndex'] as (name: string) => Promise<{ host: string }>)(
    'films',
  );
  const args = ['--host', (await host).host, '--namespace', 'german', '--to-namespace', 'de', '--text-field', 'text'];
  const { code, out } = await place.run('import', 'pinecone', '--to', 'german', '--gateway', to, ...args, '--json');
  expect(JSON.parse(out)).toMatchObject({ read: 1_700, written: 1_700, source: 1_700, now: 1_700, differences: [] });
  expect(code).toBe(0);
  const [record] = await openHttpClient({ gateway: to })
    .index('german')
    .fetch([idOf(5)], { namespace: 'de' });
  expect(record).toMatchObject({ text: 'film 5', metadata: { at: 5, tags: ['a', 'b'] } });
});

it('takes sparse vectors, beside dense ones and alone', async () => {
  const { client, index } = await openPinecone(9, from, SECRET);
  const spec = { serverless: { cloud: 'aws', region: 'us-east-1' } };
  await client['createIndex']!({ name: 'hybrid', dimension: DIMENSION, metric: 'dotproduct', spec });
  await client['createIndex']!({ name: 'sparse', metric: 'dotproduct', vectorType: 'sparse', spec });
  const sparseOf = (at: number) => ({ indices: [at, at + 9], values: [0.1 * (at + 1), 2] });
  const some = [0, 1, 2, 3, 4];
  await index('hybrid').upsert(some.map((at) => ({ id: idOf(at), values: vectorOf(at), sparseValues: sparseOf(at) })));
  await index('sparse').upsert(some.map((at) => ({ id: idOf(at), sparseValues: sparseOf(at) })));
  for (const [name, kinds] of Object.entries({ hybrid: 'both', sparse: 'sparse' })) {
    const args = ['--controller', from, '--index', name, '--to', name, '--vectors', kinds, '--gateway', to];
    const { code, out, err } = await place.run('import', 'pinecone', ...args, '--json');
    expect({ code, err }).toEqual({ code: 0, err: expect.any(String) });
    expect(JSON.parse(out)).toMatchObject({ read: 5, now: 5, sampled: { compared: 5, different: [] } });
    const target = await openPinecone(9, to, SECRET);
    const ids = some.map(idOf);
    const [there, here] = await Promise.all([index(name).fetch(ids), target.index(name).fetch(ids)]);
    expect(Object.keys(recordsOf(here))).toHaveLength(5);
    expect(recordsOf(here)).toEqual(recordsOf(there));
  }
});

it('says what is wrong with a name, an address and the options', async () => {
  expect(await place.run(...command('--controller', from, '--index', 'nothing'))).toMatchObject({
    code: 1,
    err: expect.stringMatching(/refused \/indexes\/nothing with 404 .*\(SOURCE_RESPONSE\)/),
  });
  expect(await place.run(...command())).toMatchObject({ code: 2, err: expect.stringContaining('--index') });
  expect(await place.run(...command('--host', 'https://user:pass@x.example'))).toMatchObject({ code: 2 });
});
