// Two agents write one index of a node with API keys; buyers see who wrote what, also after a revocation.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { openClient, type OpenClient } from '@tributary/client';
import { serializeBundle, verifyBundle } from '@tributary/proof';
import { startNode } from '@tributary/relay';
import { askNode } from '@tributary/relay/local';
import { silentLog } from '@tributary/relay/testing';
import type { Delegation } from '@tributary/schemas';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { shippedModel } from '../../folders.ts';
import { run } from '../../run.ts';
import { createOutput, type OutputStream } from '../../ui/output.ts';

let data: string;
let node: Awaited<ReturnType<typeof startNode>>;
let client: OpenClient;
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'tributary-writer-'));
  const shared = { port: 0, listen: ['/ip4/127.0.0.1/tcp/0'], bootstrap: [], rendezvous: null, log: silentLog };
  node = await startNode({ ...shared, dataDirectory: data, modelDirectory: shippedModel });
  client = await openClient({ directory: join(data, 'buyer'), bootstrap: [node.provider.addresses()[0]!] });
}, 60_000);
afterEach(async () => {
  await client.close();
  await node.close();
  await rm(data, { recursive: true });
});

async function command(...line: string[]) {
  const said = { out: '', err: '' };
  const stream = (name: keyof typeof said) => {
    const to = new Writable({ write: (chunk, _, done) => done(void (said[name] += String(chunk))) });
    return Object.assign(to, { columns: 100 }) as unknown as OutputStream;
  };
  const output = createOutput(stream('out'), stream('err'));
  return { code: await run([...line, '--data', data], output, new AbortController().signal), ...said };
}
const json = async <T>(...line: string[]): Promise<T> => JSON.parse((await command(...line, '--json')).out) as T;

async function call(key: string, method: string, path: string, body: object, type = 'application/json') {
  const reply = await fetch(`${node.gateway.url}${path}`, {
    method,
    headers: { 'content-type': type, 'api-key': key },
    body: JSON.stringify(body),
  });
  const { error } = (await reply.json()) as { error?: { code: string } };
  return error === undefined ? reply.status : `${reply.status} ${error.code}`;
}
const write = (key: string, id: string, namespace = '') =>
  call(key, 'POST', '/v1/indexes/notes/records', {
    namespace,
    records: [{ id, text: `Of floods, by ${id}.`, vector: [1, 2, 3] }],
  });
async function agent() {
  const { writer } = await json<{ writer: string }>('writer', 'create');
  const { key } = await json<{ key: string }>('key', 'create', '--writer', writer, '--permission', 'read,write');
  return { writer, key };
}
/** What a buyer sees: the signer of each record, and a proof that somebody else verifies offline. */
async function bought() {
  await client.refresh();
  const answer = await client.query({ text: 'floods', index: 'notes', mode: 'bm25', topK: 20, minRelevance: 0 });
  const report = verifyBundle(serializeBundle(answer.answers[0]!.bundle()));
  expect(report.failed).toBeNull();
  return Object.fromEntries(answer.results.map(({ id, signer, custody }) => [id, `${signer} ${custody}`]));
}

it('two agents write one index; each record shows its writer; a revoked one is refused', async () => {
  const { key: admin } = await json<{ key: string }>('key', 'create');
  expect(await call(admin, 'POST', '/v1/indexes', { name: 'notes', dimension: 3 })).toBe(201);
  const [ada, ben] = [await agent(), await agent()];
  expect((await command('writer', 'list')).out.trim().split('\n').toSorted()).toEqual([ada.writer, ben.writer].toSorted());
  expect(await write(ada.key, 'a0')).toBe('403 WRITER_NOT_DELEGATED');
  await command('writer', 'delegate', ada.writer, '--index', 'notes');
  await command('writer', 'delegate', ben.writer, '--index', 'notes', '--namespace', 'ben/');
  expect([await write(ada.key, 'a1'), await write(ben.key, 'b0'), await write(ben.key, 'b1', 'ben/1')]).toEqual([
    200,
    '403 WRITER_SCOPE',
    200,
  ]);
  await command('writer', 'delegate', ben.writer, '--index', 'notes');
  expect([await write(ben.key, 'b2'), await write(admin, 'o1')]).toEqual([200, 200]);
  await node.provider.publish('notes');
  const owner = node.provider.keys.owner.did;
  const seen = { a1: `${ada.writer} provider`, b2: `${ben.writer} provider`, o1: `${owner} self` };
  expect(await bought()).toEqual(seen);

  const ended = await json<Delegation[]>('writer', 'revoke', ben.writer, '--index', 'notes');
  expect(ended.filter(({ until }) => until === null).map(({ writer }) => writer)).toEqual([ada.writer]);
  expect((await command('writer', 'list', '--index', 'notes')).out).toContain(
    "namespaces under 'ben/', from write 1, ended before",
  );
  const changed = { id: 'b2', setMetadata: { seen: true } };
  expect([
    await write(ben.key, 'b3'),
    await call(ben.key, 'PATCH', '/v1/indexes/notes/records', changed),
    await call(ben.key, 'POST', '/v1/indexes/notes/records/delete', { ids: ['b2'] }),
  ]).toEqual(Array(3).fill('403 WRITER_REVOKED'));
  expect(await write(ada.key, 'a2')).toBe(200);
  expect(await bought()).toEqual({ ...seen, a2: `${ada.writer} provider` });
}, 60_000);

it('a file that an agent hands over is its own, and a key for a writer of elsewhere is refused', async () => {
  const { key: admin } = await json<{ key: string }>('key', 'create');
  expect(await call(admin, 'POST', '/v1/indexes', { name: 'notes' })).toBe(201);
  const ada = await agent();
  const upload = async (key: string) => {
    const reply = await fetch(`${node.gateway.url}/v1/indexes/notes/documents?name=spring.txt`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain', 'api-key': key },
      body: 'The floods of the spring begin in April.',
    });
    return [reply.status, ((await reply.json()) as { error?: { code: string } }).error?.code];
  };
  expect(await upload(ada.key)).toEqual([403, 'WRITER_NOT_DELEGATED']);
  await command('writer', 'delegate', ada.writer, '--index', 'notes');
  expect(await upload(ada.key)).toEqual([200, undefined]);
  await node.provider.publish('notes');
  expect(Object.values(await bought())).toEqual([`${ada.writer} provider`]);
  const elsewhere = ada.writer.replace(/.{4}$/, '1111');
  const { key } = await json<{ key: string }>('key', 'create', '--writer', elsewhere, '--permission', 'read,write');
  expect(await upload(key)).toEqual([403, 'WRITER_KEY']);
  await expect(askNode(data, 'writerDelegate', { index: 'notes', writer: 'me', namespace: '' })).rejects.toMatchObject({
    code: 'INPUT_SHAPE',
  });
}, 60_000);
