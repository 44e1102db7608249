// A node whose data folder lost a part, or got an older copy of one, refuses it and changes nothing.
import { createHash } from 'node:crypto';
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parsePolicy, startNode, startProvider } from '@tributary/relay';
import { isTributaryError } from '@tributary/schemas';
import { silentLog } from '@tributary/relay/testing';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { shippedModel } from '../packages/cli/src/folders.ts';

let folder: string;
const at = (...path: string[]): string => join(folder, ...path);
const data = (): string => at('data');
const shared = { listen: ['/ip4/127.0.0.1/tcp/0'], bootstrap: [], rendezvous: null, log: silentLog };
const node = () => startNode({ ...shared, port: 0, dataDirectory: data(), modelDirectory: shippedModel });
/** Sets a price, which a provider does and a node does not. */
const priced = (price: string) =>
  startProvider({
    ...shared,
    dataDirectory: data(),
    modelDirectory: shippedModel,
    policy: () => parsePolicy(`{"price":"${price}"}`, 'the test'),
  });

async function round(number: number): Promise<void> {
  const provider = await priced(String(number));
  await provider.openIndex('docs', {});
  await provider.ledger.grant({ payer: `0x${String(number).repeat(40)}`, amount: 5n, note: 'test' });
  await provider.close();
  const running = await node();
  const index = running.provider.store.index('docs');
  await index.upsert([{ id: `r${number}`, text: 'water' }]);
  const form = new FormData();
  form.set('purpose', 'assistants');
  form.set('file', new File(['water'], `r${number}.txt`));
  const reply = await fetch(`${running.gateway.url}/v1/files`, { method: 'POST', body: form });
  expect(reply.status).toBe(200);
  await running.close();
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-data-folder-'));
  await round(1);
  await cp(data(), at('older'), { recursive: true });
  await round(2);
  await cp(data(), at('newer'), { recursive: true });
}, 120_000);
afterAll(() => rm(folder, { recursive: true }));
beforeEach(async () => {
  await rm(data(), { recursive: true });
  await cp(at('newer'), data(), { recursive: true });
});

/** Why the node does not start; `none` when it does. */
async function codeOfStart(): Promise<string> {
  const started = await node().catch((error: unknown) => (isTributaryError(error) ? error.code : String(error)));
  if (typeof started === 'string') return started;
  await started.close();
  return 'none';
}

/** Hash over all names and bytes of a file or folder. */
async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  const names = await readdir(path, { recursive: true }).catch(() => ['']);
  for (const name of names.toSorted()) {
    const bytes = await readFile(join(path, name)).catch(() => null); // null: a folder
    hash.update(name).update(bytes ?? '');
  }
  return hash.digest('hex');
}

const PARTS = [
  'policies/docs.json',
  'ledger',
  'gateway',
  'gateway/wallet',
  'gateway/heads',
  'api-keys',
  'gateway/openai',
  'gateway/pinecone',
];

it.each([...PARTS, 'policies', 'manifest.json', 'keys', 'keys/owner.key', 'keys/receipt.key', 'gateway/keys/voucher.key'])(
  'refuses a folder without %s, and makes nothing in its place',
  async (part) => {
    await rm(join(data(), part), { recursive: true });
    for (const _ of [1, 2]) {
      expect(await codeOfStart()).toMatch(/^(?:DATA_FOLDER|KEY_FILE)$/);
      expect(await readdir(join(data(), part)).catch(() => null)).toBe(null);
    }
  },
);

it.each(['policies/docs.json', 'ledger', 'gateway', 'gateway/openai'])('refuses an older copy of %s', async (part) => {
  await rm(join(data(), part), { recursive: true });
  await cp(join(at('older'), part), join(data(), part), { recursive: true });
  const before = await hashOf(join(data(), part));
  expect(await codeOfStart()).toBe('DATA_FOLDER');
  expect(await hashOf(join(data(), part))).toBe(before);
});

it.each(['missing', 'older'])('refuses an index that is %s, alone, and serves the rest', async (what) => {
  const path = join(data(), 'store/indexes/docs');
  await rm(path, { recursive: true });
  if (what === 'older') await cp(join(at('older'), 'store/indexes/docs'), path, { recursive: true });
  const running = await node();
  try {
    const { store } = running.provider;
    expect(store.failed()).toMatchObject([{ name: 'docs', error: { code: 'DATA_FOLDER' } }]);
    expect(() => store.index('docs')).toThrow(what);
    await expect(store.createIndex({ name: 'docs', dimension: 2, metric: 'cosine', model: null })).rejects.toMatchObject({
      code: 'INDEX_EXISTS',
    });
    await expect(running.provider.openIndex('docs', {})).rejects.toMatchObject({ code: 'DATA_FOLDER' });
    const url = `${running.gateway.url}/v1`;
    const body = JSON.stringify({ index: 'docs', query: 'water', mode: 'bm25' });
    const asked = await fetch(`${url}/query`, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
    for (const reply of [asked, await fetch(`${url}/indexes/docs`)])
      expect(await reply.json()).toMatchObject({ error: { code: 'DATA_FOLDER', message: expect.stringContaining(what) } });
    await store.createIndex({ name: 'other', dimension: 2, metric: 'cosine', model: null });
  } finally {
    await running.close();
  }
});

it('removes an index for good, and a later one of that name is free of its terms and its past', async () => {
  const provider = await priced('9');
  await provider.deleteIndex('docs');
  await provider.close();
  const running = await node();
  expect(running.provider.store.failed()).toEqual([]);
  await running.provider.createIndex({ name: 'docs', dimension: 2, metric: 'cosine', model: null });
  await running.close();
  const again = await node();
  expect(again.provider.store.indexes().map(({ name }) => name)).toEqual(['docs']);
  await again.close();
});
