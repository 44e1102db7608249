// `tributary import chroma`: from Chroma's own server, where the command `chroma` is (pip install chromadb; $CHROMA
// names another path), and everywhere from recorded answers of Chroma 1.5.9.
import { spawn, spawnSync } from 'node:child_process';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { vectorFromBase64url } from '@tributary/proof/primitives';
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import { openTarget, reportOf, type Target } from './_import.ts';

const chroma = process.env['CHROMA'] ?? 'chroma';
const DIMENSION = 8;
const ROWS = 700;

let target: Target;
beforeAll(async () => {
  target = await openTarget();
});
afterAll(() => target.close());

const numbers = (count: number) => Array.from({ length: count }, (_, at) => at);
const vectorOf = (at: number) => Array.from({ length: DIMENSION }, (_, column) => Math.fround(Math.sin(at * 17 + column)));
const bitsOf = async (index: string, ids: readonly string[]) =>
  (await target.client.index(index).fetch(ids, { vectors: true })).map(({ vector }) => [...vectorFromBase64url(vector!)]);

it('copies a collection of a real server', async (context) => {
  if (spawnSync(chroma, ['--version']).status !== 0)
    return context.skip(`there is no command ${chroma}: pip install chromadb, then CHROMA=…/bin/chroma npm test`);
  const url = await startChroma();
  const collections = `${url}/api/v2/tenants/default_tenant/databases/default_database/collections`;
  const post = async (address: string, body: object) => {
    const response = await fetch(address, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect(response.ok).toBe(true);
    return (await response.json()) as { id: string };
  };
  const { id } = await post(collections, { name: 'films', configuration: { hnsw: { space: 'l2' } } });
  for (let from = 0; from < ROWS; from += 100) {
    const some = numbers(100).map((at) => from + at);
    await post(`${collections}/${id}/upsert`, {
      ids: some.map((at) => `c${at}`),
      embeddings: some.map(vectorOf),
      documents: some.map((at) => (at % 2 === 0 ? `film ${at}` : null)),
      metadatas: some.map((at) => (at % 3 === 0 ? null : { at, tags: ['a'] })),
    });
  }
  const { code, out, err } = await target.run(['chroma', '--url', url, '--collection', 'films', '--to', 'real', '--json']);
  expect(reportOf({ out, err })).toMatchObject({ read: ROWS, written: ROWS, source: ROWS, now: ROWS, differences: [] });
  expect(code).toBe(0);
  const ids = numbers(ROWS).map((at) => `c${at}`);
  expect(await bitsOf('real', ids)).toEqual(numbers(ROWS).map(vectorOf));
  expect((await target.client.ownIndexes()).find(({ name }) => name === 'real')).toMatchObject({ metric: 'euclidean' });
  const [four, five] = await target.client.index('real').fetch(['c4', 'c5']);
  expect(four).toMatchObject({ text: 'film 4', metadata: { at: 4, tags: ['a'] } });
  expect(five).toMatchObject({ text: '', metadata: { at: 5 } });
});

async function startChroma(): Promise<string> {
  const port = await freePort();
  const server = spawn(chroma, ['run', '--path', join(target.folder, 'chroma'), '--port', String(port)], { stdio: 'ignore' });
  onTestFinished(async () => {
    const ended = new Promise((resolve) => server.once('exit', resolve));
    server.kill('SIGKILL');
    await ended;
  });
  const url = `http://127.0.0.1:${port}`;
  await vi.waitFor(async () => expect((await fetch(`${url}/api/v2/heartbeat`)).ok).toBe(true), {
    timeout: 60_000,
    interval: 200,
  });
  return url;
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

const FOLDER = '/api/v2/tenants/default_tenant/databases/default_database/collections';
const RECORDED: Readonly<Record<string, string>> = {
  [`GET ${FOLDER}/films`]:
    '{"id":"9c016c70-dce1-4dff-86d8-454d25989d78","name":"films","configuration_json":{"hnsw":{"space":"cosine","ef_construction":100},"spann":null},"metadata":null,"dimension":2,"tenant":"default_tenant","database":"default_database","log_position":0,"version":0}',
  [`GET ${FOLDER}/9c016c70-dce1-4dff-86d8-454d25989d78/count`]: '2',
  [`POST ${FOLDER}/9c016c70-dce1-4dff-86d8-454d25989d78/get 0`]:
    '{"ids":["a","b"],"embeddings":[[0.099999994,0.19999999],[1e-9,-0.0]],"documents":["x",null],"uris":null,"metadatas":[{"t":["a"],"n":1.5},null],"include":["embeddings","documents","metadatas"]}',
  [`POST ${FOLDER}/9c016c70-dce1-4dff-86d8-454d25989d78/get 2`]:
    '{"ids":[],"embeddings":[],"documents":[],"uris":null,"metadatas":[],"include":["embeddings","documents","metadatas"]}',
};

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  const offset = body === '' ? '' : ` ${(JSON.parse(body) as { offset: number }).offset}`;
  const found = RECORDED[`${request.method} ${request.url}${offset}`];
  if (found === undefined || request.headers['x-chroma-token'] !== 'key')
    response.writeHead(404).end('{"error":"NotFoundError","message":"Collection does not exist"}');
  else response.end(found);
}

async function replay(): Promise<string> {
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise((resolve) => server.close(() => resolve())));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

it('copies what was recorded, minus zero included', async () => {
  vi.stubEnv('CHROMA_API_KEY', 'key');
  const url = await replay();
  const args = ['chroma', '--url', url, '--to', 'recorded', '--json', '--collection'];
  const { code, out, err } = await target.run([...args, 'films']);
  expect(reportOf({ out, err })).toMatchObject({ read: 2, written: 2, source: 2, now: 2, differences: [] });
  expect(code).toBe(0);
  expect(await bitsOf('recorded', ['a', 'b'])).toEqual([
    [...Float32Array.of(0.099999994, 0.19999999)],
    [...Float32Array.of(1e-9, -0)],
  ]);
  expect(await target.run([...args, 'others'])).toMatchObject({ code: 1, err: expect.stringContaining('does not exist') });
});
