import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { askClient, askGateway, call, isDelivered } from './calls.ts';
import { price, ROLES, startAll, type World } from './world.ts';
import { pause } from './pause.ts';

export interface Content {
  /** API keys of the node that pay, each with a wallet of its own. */
  keys: [string, string];
  /** Id of the index that the provider sells. */
  soldId: string;
}

/** Credit of each wallet: more than all questions of a storm cost. */
const credit = '1000000000';

const DOCUMENTS: Readonly<Record<string, string>> = {
  'spring.md': '# Floods\n\nThe spring flood of the delta begins in April, when the snow of the mountains melts.',
  'ferry.md': '# Ferries\n\nThe ferry across the lower river runs every twenty minutes and carries forty cars.',
  'mill.md': '# Mills\n\nA water mill turns the weight of falling water into the motion of a stone.',
};

export const keyTerms = {
  name: 'storm',
  permissions: ['read', 'write', 'admin'],
  indexes: ['*'],
  budget: { total: null, perDay: null },
  rate: null,
  writer: null,
  expiresAt: null,
};

/** Starts all roles and fills their folders with something of every kind. */
export async function fill(world: World): Promise<Content> {
  for (const [name, text] of Object.entries(DOCUMENTS)) await writeFile(join(world.documents, name), text);
  await startAll(world, ROLES, ['--price', String(price), '--publish']);
  const payers = [await payerOf(world, 'node'), await payerOf(world, 'client')];
  for (const payer of payers) await world.admin('provider', 'grant', { payer, amount: credit, note: 'storm' });
  await must(() =>
    call(world.url('node'), '/v1/query', { body: { index: 'rivers', query: 'ferry', mode: 'bm25', minRelevance: 0 } }),
  );
  const made = async () => (await world.admin<{ key: string }>('gateway', 'keyCreate', keyTerms)).key;
  const keys: [string, string] = [await made(), await made()];
  await fillIndexes(world, keys[0]);
  await fillDialects(world, keys[0]);
  for (const key of [...keys, ...keys]) await mustAnswer(() => askGateway(world, key));
  for (let time = 0; time < 2; time += 1) await mustAnswer(() => askClient(world));
  const { indexes } = await world.admin<{ indexes: { id: string }[] }>('provider', 'status');
  return { keys, soldId: indexes[0]!.id };
}

async function payerOf(world: World, role: 'node' | 'client'): Promise<string> {
  if (role === 'node') return (await world.admin<{ payer: string }>('gateway', 'balance')).payer;
  return ((await call(world.url('client'), '/facts')).body as { address: string }).address;
}

async function fillIndexes(world: World, key: string): Promise<void> {
  const url = world.url('node');
  for (const body of [{ name: 'notes', dimension: 4 }, { name: 'papers' }])
    await must(() => call(url, '/v1/indexes', { key, body }), 'INDEX_EXISTS');
  const { writer } = await world.admin<{ writer: string }>('node', 'writerCreate');
  await world.admin('node', 'writerDelegate', { index: 'notes', writer, namespace: '' });
  const records = Array.from({ length: 40 }, (_, at) => ({
    id: `base-${at}`,
    vector: [at, 1, Math.sin(at), 2],
    text: `note ${at} about willows`,
    metadata: { at, even: at % 2 === 0 },
  }));
  await must(() => call(url, '/v1/indexes/notes/records', { key, body: { records } }));
  await must(() => call(url, '/v1/indexes/notes/records', { key, body: { namespace: 'other', records: records.slice(0, 9) } }));
  await must(() => call(url, '/v1/indexes/notes/records/delete', { key, body: { ids: ['base-3', 'base-4'] } }));
  const markdown = '# Storks\n\nStorks nest on the chimneys of Sulina in April.\n';
  await must(() => call(url, '/v1/indexes/papers/documents?name=storks.md', { key, body: markdown, type: 'text/markdown' }));
}

const BOUNDARY = 'storm-boundary';

/** Files and vector stores of OpenAI's API, a backup of Pinecone's. */
async function fillDialects(world: World, key: string): Promise<void> {
  const url = world.url('node');
  const part = (head: string, body: string) => `--${BOUNDARY}\r\ncontent-disposition: form-data; ${head}\r\n\r\n${body}\r\n`;
  const body = `${part('name="purpose"', 'assistants')}${part('name="file"; filename="a.md"', 'Herons fish at dusk.')}--${BOUNDARY}--\r\n`;
  const file = await must(() => call(url, '/v1/files', { key, body, type: `multipart/form-data; boundary=${BOUNDARY}` }));
  const store = await must(() => call(url, '/v1/vector_stores', { key, body: { name: 'birds' } }));
  const [fileId, storeId] = [(file as { id: string }).id, (store as { id: string }).id];
  await must(() => call(url, `/v1/vector_stores/${storeId}/files`, { key, body: { file_id: fileId } }));
  await must(() => call(url, '/indexes/notes/backups', { key, body: { name: 'first' } }));
}

/**
 * Repeats a call for a while: discovery takes a moment.
 *
 * @param done code of a repetition after a call that took effect and whose reply came too late
 */
async function must(act: () => ReturnType<typeof call>, done?: string): Promise<unknown> {
  for (let time = 0; ; time += 1) {
    const { status, body, code } = await act();
    if ((status >= 200 && status < 300) || (time > 0 && code === done)) return body;
    if (time === 40) throw new Error(`the storm could not begin: ${status} ${JSON.stringify(body)}`);
    await pause(250);
  }
}

async function mustAnswer(ask: () => ReturnType<typeof askGateway>): Promise<void> {
  for (let time = 0; ; time += 1) {
    const answer = await ask();
    if (isDelivered(answer)) return;
    if (time === 40) throw new Error(`the storm could not begin: ${JSON.stringify(answer)}`);
    await pause(250);
  }
}
