// `tributary import qdrant`, from a server that answers as Qdrant's documentation says (api.qdrant.tech, version 1.15).
// Qdrant's own server cannot be had from a package registry.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { vectorFromBase64url } from '@tributary/proof/primitives';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { openTarget, reportOf, type Target } from './_import.ts';

const KEY = 'qd-key-of-this-test';
const POINTS = 2_500;
const uuidOf = (at: number) => `00000000-0000-4000-8000-${String(at).padStart(12, '0')}`;
const vectorOf = (at: number, dimension = 4) =>
  Array.from({ length: dimension }, (_, column) => Math.fround(Math.cos(at * 11 + column)));

type Point = { id: number | string; payload: object | null; vector: unknown };
interface Collection {
  vectors: object;
  points: Point[];
}
const COLLECTIONS: Readonly<Record<string, Collection>> = {
  films: {
    vectors: { size: 4, distance: 'Dot' },
    points: Array.from({ length: POINTS }, (_, at) => ({
      id: at % 2 === 0 ? at : uuidOf(at),
      payload: { at, text: `film ${at}`, place: { lon: 1.5, lat: null } },
      vector: vectorOf(at),
    })),
  },
  named: {
    vectors: { image: { size: 2, distance: 'Cosine' }, text: { size: 3, distance: 'Euclid' } },
    points: [
      { id: 1, payload: null, vector: { text: [1, 2, 3] } },
      { id: 2, payload: {}, vector: {} },
      { id: 3, payload: {}, vector: { text: [[1, 2, 3]] } },
      { id: 4, payload: {}, vector: { text: { indices: [1], values: [1] } } },
    ],
  },
  manhattan: { vectors: { size: 2, distance: 'Manhattan' }, points: [] },
  endless: { vectors: { size: 2, distance: 'Dot' }, points: [] },
};

let target: Target;
let url: string;
async function answer(request: IncomingMessage, response: ServerResponse): Promise<unknown> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  const body = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
  const [, , name = '', ...rest] = (request.url ?? '').split('/');
  const collection = COLLECTIONS[name];
  const reply = (result: unknown) => response.end(JSON.stringify({ result, status: 'ok', time: 0.001 }));
  if (request.headers['api-key'] !== KEY) return response.writeHead(401).end('Must provide an API key');
  if (collection === undefined) return response.writeHead(404).end(`{"status":{"error":"Not found: Collection \`${name}\`"}}`);
  if (rest.length === 0) return reply({ status: 'green', config: { params: { vectors: collection.vectors, shard_number: 1 } } });
  if (rest.join('/') === 'points/count') return reply({ count: name === 'endless' ? 1 : collection.points.length });
  if (name === 'endless') return reply({ points: [], next_page_offset: 7 });
  expect(body).toMatchObject({ with_payload: true, with_vector: name === 'named' ? ['text'] : true });
  const { limit, offset } = body as { limit: number; offset?: number | string };
  const from = offset === undefined ? 0 : collection.points.findIndex(({ id }) => id === offset);
  const next = collection.points[from + limit]?.id ?? null;
  return reply({ points: collection.points.slice(from, from + limit), next_page_offset: next });
}
const server = createServer((request, response) => void answer(request, response));
beforeAll(async () => {
  target = await openTarget();
  vi.stubEnv('QDRANT_API_KEY', KEY);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  await target.close();
});

const importFrom = (collection: string, ...more: string[]) =>
  target.run(['qdrant', '--url', url, '--collection', collection, '--to', collection, ...more]);

it('goes on after a stop; ids, payloads and every bit are there', async () => {
  const checkpoint = join(target.folder, 'films.json');
  const options = ['--text-field', 'text', '--checkpoint', checkpoint];
  const stopped = new AbortController();
  const args = ['qdrant', '--url', url, '--collection', 'films', '--to', 'films', ...options];
  const run = target.run([...args, '--rate', '500'], stopped.signal);
  await vi.waitFor(() => stat(checkpoint), { timeout: 60_000, interval: 10 });
  stopped.abort();
  expect((await run).code).toBe(130);
  const { code, out, err } = await importFrom('films', ...options, '--json');
  expect(err).toContain('after the 1000 records of an earlier run');
  expect(reportOf({ out, err })).toMatchObject({
    read: POINTS,
    written: POINTS,
    changed: POINTS,
    source: POINTS,
    now: POINTS,
    differences: [],
  });
  expect(code).toBe(0);
  const { points } = COLLECTIONS['films']!;
  const records = await target.client.index('films').fetch(
    points.map(({ id }) => String(id)),
    { vectors: true },
  );
  expect(records.map(({ vector }) => [...vectorFromBase64url(vector!)])).toEqual(points.map(({ vector }) => vector));
  expect(records[1]).toMatchObject({ id: uuidOf(1), text: 'film 1', metadata: { at: 1, 'place.lon': 1.5 } });
  expect((await target.client.ownIndexes()).find(({ name }) => name === 'films')).toMatchObject({ metric: 'dotproduct' });
});

it('takes one of several vectors by its name, and no multivectors or sparse ones', async () => {
  const { code, out, err } = await importFrom('named', '--vector', 'text', '--json');
  expect(code).toBe(3);
  expect(reportOf({ out, err })).toMatchObject({ read: 4, written: 1, now: 1, refused: { count: 3 } });
  expect((await target.client.ownIndexes()).find(({ name }) => name === 'named')).toMatchObject({
    dimension: 3,
    metric: 'euclidean',
  });
});

it.each([
  ['no name of several', 'named', [], 'there are image, text (USAGE)'],
  ['a wrong name', 'named', ['--vector', 'toString'], 'there are image, text (USAGE)'],
  ['a metric of its own', 'manhattan', [], 'IMPORT_MISMATCH'],
  ['no such collection', 'nothing', [], 'Not found: Collection `nothing`'],
  ['a page that comes again', 'endless', [], 'SOURCE_RESPONSE'],
])('says what is wrong: %s', async (_, collection, options, message) => {
  expect(await importFrom(collection, ...options)).toMatchObject({ err: expect.stringContaining(message) });
});
it('says when the key is wrong, and not the key', async () => {
  vi.stubEnv('QDRANT_API_KEY', 'another-key');
  const { err } = await importFrom('films');
  expect(err).toContain('401 Must provide an API key');
  expect(err).not.toContain('another-key');
});
