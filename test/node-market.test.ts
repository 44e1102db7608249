// Two real nodes: what one makes over HTTP and publishes, the other buys under a key. And what own indexes do while
// others upload slowly, delete, or ask about something else.
import { readFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { openWorkplace, type Running, type Workplace } from './_processes.ts';

let place: Workplace;
let seller: Running;
let buyer: Running;
let sellerUrl: string;
let url: string;
/** A key of the buyer for everything. */
let admin: string;
const data = (name: string) => join(place.folder, name);
const start = (name: string) => place.start(['node', '--data', data(name), '--port', '0']);
const urlOf = async (node: Running) => (await node.says(/node at (http:\S+)/))[1]!;

/** What the tests read of replies. */
interface Body {
  id: string;
  error: { code: string };
  results: { text: string; verified: boolean; relevance: number }[];
  usage: { charge: string; receipt: string };
  alsoNamed?: string[];
  indexes: { id: string; name: string }[];
}
async function call(at: string, method: string, path: string, body?: unknown, key?: string) {
  const headers = { ...(key ? { 'api-key': key } : {}), ...(body === undefined ? {} : { 'content-type': 'application/json' }) };
  const response = await fetch(at + path, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  return { status: response.status, body: (await response.json()) as Body };
}
async function makeKey(...options: string[]): Promise<string> {
  const { out } = await place.run('key', 'create', '--json', '--data', data('buyer'), ...options);
  return (JSON.parse(out) as { key: string }).key;
}
async function upload(at: string, index: string, name: string, text: string, key?: string): Promise<number> {
  const headers = { 'content-type': 'text/markdown', ...(key ? { 'api-key': key } : {}) };
  return (await fetch(`${at}/v1/indexes/${index}/documents?name=${name}`, { method: 'POST', body: text, headers })).status;
}
const FLOOD = '# Floods\n\nThe spring flood of the delta begins in April, when the snow of the mountains melts.';

beforeAll(async () => {
  place = await openWorkplace();
  seller = start('seller');
  sellerUrl = await urlOf(seller);
  await call(sellerUrl, 'POST', '/v1/indexes', { name: 'delta' });
  expect(await upload(sellerUrl, 'delta', 'floods.md', FLOOD)).toBe(200);
  // The owner's terms: they are stored, and hold for the node as well.
  await seller.kill('SIGTERM');
  const owner = place.start(['provide', '--index', 'delta', '--price', '3', '--data', data('seller')]);
  await owner.says(/serving delta/);
  await owner.kill('SIGTERM');
  seller = start('seller');
  sellerUrl = await urlOf(seller);
  buyer = start('buyer');
  url = await urlOf(buyer);
  const [, payer = ''] = await buyer.says(/^ {2}wallet (\S+)$/m);
  await place.run('credit', 'grant', payer, '1000', '--data', data('seller'));
  admin = await makeKey('--name', 'admin');
}, 180_000);
afterAll(() => place.close());

it('an index that was made over HTTP is sold once it is published, and a key pays from its budget', async () => {
  const listed = async () => (await call(url, 'GET', '/v1/indexes', undefined, admin)).body.indexes.map(({ name }) => name);
  expect(await listed()).toEqual([]);
  expect((await place.run('publish', 'delta', '--yes', '--data', data('seller'))).code).toBe(0);
  await vi.waitFor(async () => expect(await listed()).toEqual(['delta']), { timeout: 30_000, interval: 300 });
  const key = await makeKey('--permission', 'read', '--index', 'delta', '--budget', '5');
  const ask = () => call(url, 'POST', '/v1/query', { query: 'when does the flood begin', index: 'delta' }, key);
  const first = await ask();
  expect(first).toMatchObject({ status: 200, body: { results: [{ verified: true, text: expect.stringContaining('April') }] } });
  expect(first.body.usage.charge).toBe('3');
  expect(await ask()).toMatchObject({ status: 402, body: { error: { code: 'API_KEY_BUDGET' } } });
  // What was bought is shown to keys of the same index only.
  const proof = `/v1/proofs/${first.body.usage.receipt}`;
  expect((await call(url, 'GET', proof, undefined, key)).status).toBe(200);
  const elsewhere = await makeKey('--permission', 'read', '--index', 'lakes');
  expect(await call(url, 'GET', proof, undefined, elsewhere)).toMatchObject({
    status: 404,
    body: { error: { code: 'PROOF_NOT_FOUND' } },
  });
}, 120_000);

it('an own index of that name is asked first, and the answer says who else has one', async () => {
  const [other] = (await call(url, 'GET', '/v1/indexes', undefined, admin)).body.indexes;
  const own = (await call(url, 'POST', '/v1/indexes', { name: 'delta' }, admin)).body.id;
  await upload(url, 'delta', 'own.md', '# Mine\n\nOur own flood came in May.', admin);
  const question = { query: 'when does the flood begin', minRelevance: 0 };
  const named = await call(url, 'POST', '/v1/query', { ...question, index: 'delta' }, admin);
  expect(named.body).toMatchObject({ index: own, alsoNamed: [other!.id], usage: { charge: '0', receipt: null } });
  const bought = await call(url, 'POST', '/v1/query', { ...question, index: other!.id }, admin);
  expect(bought.body).toMatchObject({ index: other!.id, usage: { charge: '3' }, results: [{ verified: true }] });
  expect(bought.body.alsoNamed).toBeUndefined();
  const scoped = await makeKey('--permission', 'read', '--index', own);
  expect((await call(url, 'POST', '/v1/query', { ...question, index: 'delta' }, scoped)).body.alsoNamed).toBeUndefined();
  const hidden = await makeKey('--permission', 'read', '--index', 'secret-*');
  const refused = await call(url, 'GET', '/v1/indexes/secret-x/records', undefined, hidden);
  expect([refused.status, JSON.stringify(refused.body)]).toEqual([404, expect.not.stringContaining('delta')]);
}, 120_000);

it('a question about something else finds nothing in an own index, unless it asks for whatever is nearest', async () => {
  const ask = (query: string, more: object = {}) => call(url, 'POST', '/v1/query', { query, index: 'delta', ...more }, admin);
  expect((await ask('when did our flood come')).body.results).toHaveLength(1);
  const offTopic = 'how to knead sourdough bread';
  expect((await ask(offTopic)).body.results).toEqual([]);
  const [nearest] = (await ask(offTopic, { minRelevance: 0 })).body.results;
  expect(nearest!.relevance).toBeLessThan(0.5);
});

it('an index can be deleted while it is asked and written: each call is answered or refused', async () => {
  await call(url, 'POST', '/v1/indexes', { name: 'gone' }, admin);
  await upload(url, 'gone', 'a.md', FLOOD, admin);
  const seen = new Set<string>();
  const stop = { now: false };
  const work = async (at: number): Promise<void> => {
    for (let round = 0; !stop.now; round += 1) {
      const reply =
        at % 3 === 0
          ? { status: await upload(url, 'gone', `${at}-${round}.md`, `# ${round}\n\n${FLOOD}`, admin), body: null }
          : await call(
              url,
              'POST',
              '/v1/query',
              { query: 'flood', index: 'gone', mode: at % 3 === 1 ? 'bm25' : 'hybrid' },
              admin,
            );
      seen.add(`${reply.status} ${reply.body?.error?.code ?? ''}`.trim());
    }
  };
  const workers = Array.from({ length: 9 }, (_, at) => work(at));
  await expect.poll(() => seen.has('200')).toBe(true);
  await expect
    .poll(async () => (await call(url, 'DELETE', '/v1/indexes/gone', undefined, admin)).status, { timeout: 60_000, interval: 50 })
    .toBe(200);
  await expect.poll(() => seen.has('404')).toBe(true);
  stop.now = true;
  await Promise.all(workers);
  for (const reply of seen) expect(reply).toMatch(/^(?:200|404|404 INDEX_NOT_(?:FOUND|OFFERED)|503|503 STORE_(?:BUSY|CLOSED))$/);
}, 120_000);

it('many slow writers hold bounded memory, later ones are told to wait, and others are served', async () => {
  const memory = async () => Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${buyer.pid}/status`, 'utf8'))![1]) / 1_024;
  const before = await memory();
  const piece = Buffer.alloc(1_048_576, 97);
  const bodyBytes = 33_000_000;
  const sockets: Socket[] = [];
  const replies: string[] = [];
  const { port } = new URL(url);
  /** Sends all but the end of a body. */
  const slow = async (path: string, type: string): Promise<void> => {
    const socket = connect(Number(port), '127.0.0.1');
    sockets.push(socket);
    socket.on('error', () => undefined).setMaxListeners(64);
    const refused = new Promise<void>((resolve) =>
      socket.once('data', (text: Buffer) => resolve(void replies.push(text.toString()))),
    );
    socket.write(
      `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\napi-key: ${admin}\r\ncontent-type: ${type}\r\ncontent-length: ${bodyBytes}\r\n\r\n`,
    );
    const send = async () => {
      for (let at = 0; at < 20; at += 1) {
        if (!socket.writable) return;
        if (!socket.write(piece)) await Promise.race([new Promise((resolve) => socket.once('drain', resolve)), refused]);
      }
    };
    await Promise.race([send(), refused]);
  };
  try {
    await Promise.all(Array.from({ length: 16 }, () => slow('/v1/indexes/delta/records', 'application/json')));
    const records = replies.splice(0);
    expect(records.length).toBeGreaterThanOrEqual(8);
    for (const text of records) expect(text).toMatch(/^HTTP\/1\.1 503[^]*OVERLOADED/);
    // Files wait on disk: more of them fit.
    await Promise.all(Array.from({ length: 36 }, (_, at) => slow(`/v1/indexes/delta/documents?name=${at}.txt`, 'text/plain')));
    expect(replies.length).toBeGreaterThanOrEqual(3);
    for (const text of replies) expect(text).toMatch(/^HTTP\/1\.1 503[^]*OVERLOADED/);
    expect((await memory()) - before).toBeLessThan(600);
    const asked = await call(url, 'POST', '/v1/query', { query: 'our flood', index: 'delta', mode: 'bm25' }, admin);
    expect(asked.status).toBe(200);
    expect((await call(url, 'GET', '/v1/indexes', undefined, admin)).status).toBe(200);
  } finally {
    for (const socket of sockets) socket.destroy();
  }
  // What they held is free again.
  await expect
    .poll(() => upload(url, 'delta', 'late.md', '# Late\n\nA late flood.', admin), { timeout: 30_000, interval: 200 })
    .toBe(200);
}, 180_000);
