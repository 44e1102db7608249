// What clients of Pinecone send at their largest, over plain http to a real node process.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPinecone, recordsOf } from './_pinecone.ts';
import { openWorkplace, type Running, type Workplace } from './_processes.ts';

const spec = { serverless: { cloud: 'aws', region: 'us-east-1' } };

let place: Workplace;
let folder: string;
let url: string;
let node: Running;
const start = async (port: string) => {
  node = place.start(['node', '--data', join(folder, 'node'), '--port', port]);
  url = (await node.says(/node at (http:\S+)/))[1]!;
};
beforeAll(async () => {
  place = await openWorkplace();
  folder = await mkdtemp(join(tmpdir(), 'tributary-pinecone-large-'));
  await start('0');
}, 120_000);
afterAll(async () => {
  await place.close();
  await rm(folder, { recursive: true, force: true });
});

/** As an embedding model gives them: 32-bit floats whose decimals are long. */
const vectorOf = (seed: number, dimension: number) =>
  Array.from({ length: dimension }, (_, at) => Math.fround(Math.sin(seed * 31 + at)));

describe.each([3, 9])('client %d', (major) => {
  it('writes batches of 100 x 1536, fetches 1,000 ids, and gets the same floats', async () => {
    // With a slash at the end, as it is often configured.
    const { client, ...driver } = await openPinecone(major, `${url}/`, 'none');
    await client['createIndex']!({ name: `large-${major}`, dimension: 1_536, metric: 'dotproduct', spec });
    const namespace = `${'n'.repeat(100)} 1/${'x'.repeat(300)}`;
    const index = driver.index(`large-${major}`, namespace);
    const ids = Array.from({ length: 1_000 }, (_, at) => `document ${at}#${'i'.repeat(40)}`);
    const batches = Array.from({ length: 10 }, (_, batch) => ids.slice(batch * 100, batch * 100 + 100));
    await Promise.all(
      batches.map((batch, at) => index.upsert(batch.map((id, one) => ({ id, values: vectorOf(at * 100 + one, 1_536) })))),
    );
    const records = recordsOf(await index.fetch(ids));
    expect(Object.keys(records)).toEqual(ids);
    for (const at of [0, 499, 999]) expect(records[ids[at]!]!.values.map(Math.fround)).toEqual(vectorOf(at, 1_536));
    const metadata = { text: 'm'.repeat(40_949) };
    await index.upsert([{ id: 'long', values: vectorOf(1, 1_536), metadata }]);
    expect(recordsOf(await index.fetch(['long']))['long']!.metadata).toEqual(metadata);
    await client['deleteIndex']!(`large-${major}`);
  });
});

it('client 9 writes 10 MB of records as lines, and a restart on the same port is not noticed', async () => {
  const { client, ...driver } = await openPinecone(9, url, 'none');
  const embed = { model: 'bge-small-en-v1.5', fieldMap: { text: 'chunk' } };
  await client['createIndexForModel']!({ name: 'lines', cloud: 'aws', region: 'us-east-1', embed });
  const index = driver.index('lines', 'n');
  const records = Array.from({ length: 280 }, (_, at) => ({ id: `r${at}`, chunk: `Note ${at}.`, body: 'x'.repeat(37_000) }));
  expect(JSON.stringify(records).length).toBeGreaterThan(10_000_000);
  await index.upsertRecords(records);
  await node.kill('SIGTERM');
  await start(new URL(url).port);
  expect(await index.face['describeIndexStats']!()).toMatchObject({ totalRecordCount: 280 });
  expect(recordsOf(await index.fetch(['r279']))['r279']!.metadata).toEqual({ chunk: 'Note 279.', body: 'x'.repeat(37_000) });
});
