import { cp, mkdtemp, rm } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openHeadStore } from '@tributary/client';
import { isTributaryError } from '@tributary/schemas';
import { call, type Reply } from '../world/calls.ts';
import type { Content } from '../world/content.ts';
import type { Role, World } from '../world/world.ts';

/** A fact as it is read: its value as text, or the refusal to state it. */
export type Fact = { value: string } | { refused: string; message: string };
export type Facts = Readonly<Record<string, Fact>>;

/** What a role says of its data, read through its public interfaces, before anything is done with it. */
export async function readFacts(world: World, role: Role, content: Content): Promise<Facts> {
  const readers = { provider: providerFacts, node: nodeFacts, client: clientFacts }[role](world, content);
  const facts: Record<string, Fact> = {};
  for (const [name, read] of Object.entries(readers)) facts[name] = await factOf(read);
  return facts;
}

type Readers = Record<string, () => Promise<unknown>>;

async function factOf(read: () => Promise<unknown>): Promise<Fact> {
  try {
    return { value: JSON.stringify(await read(), (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value)) };
  } catch (error) {
    const code = isTributaryError(error) ? error.code : ((error as { code?: string }).code ?? 'INTERNAL');
    return { refused: code, message: (error as Error).message };
  }
}

function providerFacts(world: World): Readers {
  const ask = <T = object>(method: string, params?: object) => world.admin<T>('provider', method, params);
  return {
    keys: async () => keysOf(await ask('status')),
    balance: () => ask('balance'),
    channels: async () => (await ask<{ channels: object[] }>('channels')).channels.map((one) => JSON.stringify(one)).toSorted(),
    earnings: () => ask('earnings'),
    ledger: () => ledgerOf(ask),
    terms: () => ask('publishPreview', { index: 'rivers' }),
    documents: async () => {
      const { documents } = await ask<{ documents: { document: string; records: number; whole: boolean }[] }>('documents', {
        index: 'rivers',
        after: null,
      });
      return documents.map(({ document, records, whole }) => [document.split('/').at(-1), records, whole]);
    },
    index: async () =>
      (await ask<{ indexes: { id: string }[] }>('status')).indexes.find(({ id }) => id.startsWith('rivers@')) ?? null,
  };
}

const keysOf = (status: object) => {
  const { did, addresses } = status as { did: string; addresses: string[] };
  return { did, peers: [...new Set(addresses.map((address) => address.split('/').at(-1)))] };
};

async function ledgerOf(ask: <T>(method: string, params?: object) => Promise<T>): Promise<{ entries: number; digest: string }> {
  const hash = createHash('sha256');
  let entries = 0;
  for (let first: number | null = 1; first !== null;) {
    const page: { lines: string[]; next: number | null } = await ask('ledgerPage', { first });
    for (const line of page.lines) hash.update(line);
    entries += page.lines.length;
    first = page.next;
  }
  return { entries, digest: hash.digest('hex').slice(0, 16) };
}

function nodeFacts(world: World, { keys: [key], soldId }: Content): Readers {
  const get = (path: string, body?: object) =>
    told(() => call(world.url('node'), path, { key, ...(body === undefined ? {} : { body }) }));
  const admin = (method: string, params?: object) => world.admin<object>('node', method, params);
  const gateway = (method: string) => world.admin<object>('gateway', method);
  const wallet = async () => withoutDay(await gateway('balance'));
  return {
    keys: async () => keysOf(await admin('status')),
    'own ledger': () => admin('balance'),
    'writer keys': () => admin('writerKeys'),
    'writers of notes': () => admin('writers', { index: 'notes' }),
    wallet,
    'API keys': async () => withoutDay(await gateway('keyList')),
    heads: () => headsOf(join(world.data('node'), 'gateway', 'heads'), soldId),
    ...Object.fromEntries(['notes', 'papers'].flatMap((index) => Object.entries(indexFacts(index, get)))),
    files: async () => {
      const { data } = (await get('/v1/files')) as { data: { id: string }[] };
      return Promise.all(data.map(async (file) => [file, await get(`/v1/files/${file.id}/content`)]));
    },
    'vector stores': () => get('/v1/vector_stores'),
    backups: () => get('/backups?limit=100'),
  };
}

function indexFacts(index: string, get: (path: string, body?: object) => Promise<unknown>): Readers {
  const records = `/v1/indexes/${index}/records`;
  return {
    [`index ${index}`]: () => get(`/v1/indexes/${index}`),
    [`count of ${index}`]: () => get(`${records}/count`),
    [`documents of ${index}`]: () => get(`/v1/indexes/${index}/documents`),
    [`records of ${index}`]: async () => {
      const { ids } = (await get(`${records}?limit=1000`)) as { ids: string[] };
      return get(`${records}/fetch`, { ids, vectors: true });
    },
    [`search of ${index}`]: async () => {
      const { results } = (await get('/v1/query', { index, query: 'willows heron', mode: 'bm25', topK: 50 })) as {
        results: { id: string; text: string }[];
      };
      return results.map(({ id, text }) => [id, text]);
    },
  };
}

function clientFacts(world: World, { soldId }: Content): Readers {
  return {
    wallet: async () => withoutDay((await told(() => call(world.url('client'), '/facts'))) as object),
    heads: () => headsOf(join(world.data('client'), 'heads'), soldId),
  };
}

/** The newest head of the sold index that a store of heads would compare with, read from a copy. */
async function headsOf(directory: string, soldId: string): Promise<unknown> {
  const copy = await mkdtemp(join(tmpdir(), 'tributary-storm-heads-'));
  try {
    await cp(directory, copy, { recursive: true });
    const heads = await openHeadStore(copy);
    try {
      return heads.get(soldId);
    } finally {
      await heads.close();
    }
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

/** Amounts of the day end at midnight. */
const withoutDay = (value: object): unknown =>
  JSON.parse(JSON.stringify(value, (name, member: unknown) => (/Today$|^today$/.test(name) ? undefined : member)));

/** The body of a reply. @throws an error with the code of a refusal */
async function told(ask: () => Promise<Reply>): Promise<unknown> {
  const { status, body, code } = await ask();
  if (code === null) return body;
  throw Object.assign(new Error(`${status} ${JSON.stringify(body).slice(0, 500)}`), { code });
}
