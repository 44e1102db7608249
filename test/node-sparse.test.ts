// Sparse vectors through a node's own HTTP routes, the SDK and the command line.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openHttpClient } from '@tributary/client';
import { vectorFromBase64url } from '@tributary/proof/primitives';
import type { GatewayAnswer } from '@tributary/schemas';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openWorkplace, type Running, type Workplace } from './_processes.ts';

let place: Workplace;
let node: Running;
let url: string;
let client: ReturnType<typeof openHttpClient>;

async function start(): Promise<void> {
  node = place.start(['node', '--data', join(place.folder, 'node'), '--port', '0']);
  url = (await node.says(/node at (http:\S+)/))[1]!;
  client = openHttpClient({ gateway: url });
}
async function ask(body: object) {
  const response = await fetch(`${url}/v1/query`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return (await response.json()) as GatewayAnswer & { error?: { code: string } };
}
const idsOf = ({ results }: GatewayAnswer) => results.map(({ id, score }) => [id, score]);

beforeAll(async () => {
  place = await openWorkplace();
  await start();
}, 120_000);
afterAll(() => place.close());

it('an index of sparse vectors is made, written, asked, changed and fetched, and a restart changes nothing', async () => {
  expect(await client.createIndex({ name: 'words', vectors: 'sparse' })).toMatchObject({
    vectors: 'sparse',
    dimension: 0,
    metric: 'dotproduct',
    model: null,
  });
  const words = client.index('words');
  await words.upsert([
    { id: 'a', text: 'a flood', sparse: { indices: [9, 3], values: [2, 0.1] }, metadata: { year: 1961 } },
    { id: 'b', text: 'a ferry', sparse: { indices: [4_294_967_295, 9], values: [1, 0.5] } },
  ]);
  expect(idsOf(await ask({ index: 'words', sparse: { indices: [9], values: [2] } }))).toEqual([
    ['a', 4],
    ['b', 1],
  ]);
  expect(idsOf(await ask({ index: 'words', sparse: { indices: [9], values: [2] }, filter: { year: 1961 } }))).toEqual([['a', 4]]);
  expect(await ask({ index: 'words', query: 'ferry' })).toMatchObject({ mode: 'bm25', results: [{ id: 'b' }] });
  expect(await words.update({ id: 'b', sparse: { indices: [9], values: [3] } })).toMatchObject({ count: 1 });
  const before = await ask({ index: 'words', query: 'for people', sparse: { indices: [9, 3], values: [2, 1] } });
  expect(before).toMatchObject({
    mode: 'sparse',
    results: [{ id: 'b', score: 6, components: { sparse: 6, dense: null } }, { id: 'a' }],
  });

  await node.kill('SIGKILL');
  await start();
  expect(idsOf(await ask({ index: 'words', sparse: { indices: [9, 3], values: [2, 1] } }))).toEqual(idsOf(before));
  const [a] = await client.index('words').fetch(['a'], { vectors: true });
  expect(a).toMatchObject({ sparse: { indices: [3, 9], values: [0.1, 2] } });
  expect(a).not.toHaveProperty('vector');
  expect((await client.index('words').fetch(['a']))[0]).not.toHaveProperty('sparse');
  const { dimension, sparseValues } = (await (await fetch(`${url}/v1/limits`)).json()) as Record<string, number>;
  expect([dimension, sparseValues]).toEqual([20_000, 2_048]);
}, 120_000);

it('an index of both kinds adds the two parts', async () => {
  await client.createIndex({ name: 'both', vectors: 'both', dimension: 2 });
  const both = client.index('both');
  await both.upsert([
    { id: 'a', vector: [1, 0], sparse: { indices: [3], values: [1] } },
    { id: 'b', vector: [0.5, 0], sparse: { indices: [3], values: [2] } },
    { id: 'c', vector: [0, 1] },
  ]);
  const question = { index: 'both', vector: [1, 0], sparse: { indices: [3], values: [0.5] } };
  expect(idsOf(await ask(question))).toEqual([
    ['a', 1.5],
    ['b', 1.5],
    ['c', 0],
  ]);
  expect(idsOf(await ask({ ...question, mode: 'sparse', vector: undefined }))).toEqual([
    ['b', 1],
    ['a', 0.5],
  ]);
  expect(idsOf(await ask({ index: 'both', vector: [1, 0] }))[0]).toEqual(['a', 1]);
  const [b] = await both.fetch(['b'], { vectors: true });
  expect([...vectorFromBase64url(b!.vector!)]).toEqual([0.5, 0]);
  expect(b!.sparse).toEqual({ indices: [3], values: [2] });
}, 60_000);

it('what does not fit is refused with its code', async () => {
  const refuses = (what: Promise<unknown>, code: string) => expect(what).rejects.toMatchObject({ code });
  await refuses(client.createIndex({ name: 'x', vectors: 'sparse', dimension: 3 }), 'VECTOR_KIND');
  await refuses(client.createIndex({ name: 'x', vectors: 'both', dimension: 3, metric: 'cosine' }), 'RECORD_INVALID');
  await client.createIndex({ name: 'dense', dimension: 2 });
  const sparse = { indices: [1], values: [1] };
  await refuses(client.index('dense').upsert([{ id: 'a', vector: [1, 0], sparse }]), 'VECTOR_KIND');
  await refuses(client.index('words').upsert([{ id: 'z', text: 'nothing' }]), 'VECTOR_KIND');
  await refuses(client.index('words').upsert([{ id: 'z', sparse: { indices: [1, 1], values: [1, 2] } }]), 'INPUT_SHAPE');
  await refuses(client.index('words').upsert([{ id: 'z', sparse: { indices: [1], values: [0] } }]), 'VECTOR_KIND');
  await refuses(client.index('words').update({ id: 'a', sparse: { indices: [], values: [] } }), 'INPUT_SHAPE');
  const long = Array.from({ length: 2_049 }, (_, at) => at);
  await refuses(client.index('words').upsert([{ id: 'z', sparse: { indices: long, values: long } }]), 'INPUT_SHAPE');
  expect((await ask({ index: 'dense', sparse })).error).toMatchObject({ code: 'VECTOR_KIND' });
  expect((await ask({ index: 'words', vector: [1, 2] })).error).toMatchObject({ code: 'VECTOR_KIND' });
  expect((await ask({ index: 'words', sparse, mode: 'dense' })).error).toMatchObject({ code: 'INPUT_SHAPE' });
}, 60_000);

it('the command line makes such an index, writes JSONL and asks', async () => {
  const made = await place.run('index', 'create', 'lines', '--vectors', 'sparse', '--gateway', url);
  expect(made.out).toMatch(/private, 0 records, sparse vectors, dotproduct/);
  const file = join(place.folder, 'lines.jsonl');
  await writeFile(
    file,
    '{"id":"a","text":"flood","sparse":{"indices":[7,2],"values":[1,1]}}\n{"id":"b","text":"mill","sparse":{"indices":[8],"values":[1]}}\n',
  );
  expect((await place.run('upsert', file, '--index', 'lines', '--gateway', url)).out).toMatch(/2 records/);
  expect((await place.run('index', 'create', 'more', '--vectors', 'odd', '--gateway', url)).code).not.toBe(0);
  expect(await client.index('lines').count()).toMatchObject({ count: 2 });
  expect((await place.run('publish', 'lines', '--yes', '--data', join(place.folder, 'node'))).code).toBe(0);
  const asked = await place.run(
    'query',
    'flood',
    '--owner',
    '--data',
    join(place.folder, 'node'),
    '--index',
    'lines',
    '--json',
    '--sparse',
    '{"indices":[2,7],"values":[1,2]}',
  );
  expect(asked.out).toMatch(/"score": ?3/);
}, 120_000);
