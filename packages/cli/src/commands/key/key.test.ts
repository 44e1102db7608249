import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startGateway, startNode } from '@tributary/relay';
import { silentLog } from '@tributary/relay/testing';
import { shippedModel } from '../../folders.ts';
import { run } from '../../run.ts';
import { createOutput, type OutputStream } from '../../ui/output.ts';

let data: string;
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'tributary-key-'));
});
afterEach(() => rm(data, { recursive: true }));

async function key(...line: string[]) {
  const said = { out: '', err: '' };
  const stream = (name: keyof typeof said) => {
    const to = new Writable({ write: (chunk, _, done) => done(void (said[name] += String(chunk))) });
    return Object.assign(to, { columns: 100 }) as unknown as OutputStream;
  };
  const output = createOutput(stream('out'), stream('err'));
  return { code: await run(['key', ...line, '--data', data], output, new AbortController().signal), ...said };
}
interface Json {
  key: string;
  id: string;
  state: string;
}
const json = async (...line: string[]): Promise<Json> => JSON.parse((await key(...line, '--json')).out) as Json;
const shared = () => ({ port: 0, listen: [], bootstrap: [], rendezvous: null, log: silentLog });
/** A gateway alone, and a provider and gateway in one process. The keys of both are in the given folder. */
const starts = {
  gateway: async () => {
    const gateway = await startGateway({ ...shared(), dataDirectory: data, modelDirectory: null });
    return { url: gateway.url, close: () => gateway.close() };
  },
  node: async () => {
    const node = await startNode({ ...shared(), dataDirectory: data, modelDirectory: shippedModel });
    return { url: node.gateway.url, close: () => node.close() };
  },
};

it('makes, lists, rotates and revokes keys of a stopped node', async () => {
  expect((await key('list')).out).toContain('no key yet');
  const made = await key('create', '--name', 'notebook', '--permission', 'read,write', '--index', 'rivers', '--budget', '500');
  expect(made.out).toMatch(/^trib_[a-z2-7]{16}_[a-z2-7]{40}\n$/);
  const id = made.out.slice(5, 21);
  const { out } = await key('list');
  expect(out).toContain(`${id}  notebook: active`);
  expect(out).toContain('may read, write on rivers');
  expect(out).toContain('spent 0 of 500 in total, 0 today');
  expect(out).not.toContain(made.out.trim().slice(22));
  const rotated = await json('rotate', id);
  expect([rotated.id, rotated.key === made.out.trim()]).toEqual([id, false]);
  expect((await json('revoke', rotated.key)).state).toBe('revoked');
  expect((await key('rotate', id)).err).toContain('API_KEY_UNKNOWN');
});

it.each(['gateway', 'node'] as const)('changes the keys of a running %s at once', async (kind) => {
  const node = await starts[kind]();
  try {
    const status = async (token?: string) =>
      (await fetch(`${node.url}/v1/indexes`, { headers: token === undefined ? {} : { 'api-key': token } })).status;
    expect(await status()).toBe(200);
    const first = await json('create');
    expect([await status(), await status(first.key)]).toEqual([401, 200]);
    const second = await json('rotate', first.id);
    expect([await status(first.key), await status(second.key)]).toEqual([401, 200]);
    await key('revoke', first.id);
    expect([await status(second.key), await status()]).toEqual([401, 401]);
  } finally {
    await node.close();
  }
  expect((await key('list')).out).toContain('revoked on');
});

it.each([
  [['create', '--permission', 'own'], '--permission takes read, write, admin'],
  [['create', '--index', 'Rivers'], 'the key at indexes.0'],
  [['create', '--budget', '1.5'], '--budget takes a whole number'],
  [['create', '--rate', '0'], '--rate takes a whole number from 1'],
  [['create', '--burst', '5'], '--burst goes with --rate'],
  [['create', '--expires', 'soon'], '--expires takes a span'],
  [['create', '--expires', '2020-01-01'], 'is in the past'],
  [['create', '--writer', 'me'], 'the key at writer'],
  [['revoke', 'x'], 'ID is the 16 characters'],
])('key %j is refused', async (line, message) => {
  const { code, out, err } = await key(...line);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain(message);
});
