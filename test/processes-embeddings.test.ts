// Embeddings bought through gateways, each node a process of its own: proofs, budgets, and a provider that sells
// vectors of another model than it says.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { askNode } from '@tributary/relay/local';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { openWorkplace, writeFolder, type Running, type Workplace } from './_processes.ts';

const MODEL = 'BAAI/bge-small-en-v1.5';
const FOUND_MS = 20_000;
const HONEST_ANSWERS = 3;

let place: Workplace;
let seller: Running;
let gateway: Running;
let url: string;
let did: string;

const data = (role: string) => join(place.folder, 'home', role);

async function startGateway(...more: string[]): Promise<string> {
  gateway = place.start(['gateway', '--port', '0', '--buy-embeddings', 'missing', '--allow', did, ...more]);
  url = (await gateway.says(/^gateway at (\S+)$/m))[1]!;
  return (await gateway.says(/^ {2}wallet (\S+)$/m))[1]!;
}

beforeAll(async () => {
  place = await openWorkplace();
  const documents = await writeFolder(join(place.folder, 'documents'), { 'a.md': '# Ferry\n\nEvery twenty minutes.' });
  seller = place.start(['provide', documents, '--index', 'ferries', '--sell-embeddings', '2']);
  await seller.says(/sells embeddings of/);
  did = ((await askNode(data('provider'), 'status')) as { did: string }).did;
  const payer = await startGateway();
  expect((await place.run('credit', 'grant', payer, '100000')).code).toBe(0);
  await vi.waitFor(async () => expect((await get('/v1/models')).body.data.map(({ id }) => id)).toEqual([MODEL]), FOUND_MS);
});
afterAll(() => place.close());

interface Body {
  data: { id: string; embedding: number[] }[];
  usage: { prompt_tokens: number };
  error: { code: string };
}
interface Reply {
  status: number;
  receipt: string | null;
  body: Body;
}

async function get(path: string, key?: string): Promise<Reply> {
  return read(await fetch(`${url}${path}`, key === undefined ? {} : { headers: { authorization: `Bearer ${key}` } }));
}
async function embed(input: string | string[], key?: string): Promise<Reply> {
  const headers = { 'content-type': 'application/json', ...(key === undefined ? {} : { authorization: `Bearer ${key}` }) };
  return read(await fetch(`${url}/v1/embeddings`, { method: 'POST', headers, body: JSON.stringify({ model: MODEL, input }) }));
}
async function read(reply: Response): Promise<Reply> {
  return { status: reply.status, receipt: reply.headers.get('x-tributary-receipt'), body: (await reply.json()) as Body };
}

it('a gateway without a store gives vectors that it bought, with a receipt whose proof verifies', async () => {
  const { status, receipt, body } = await embed(['spring flood', 'ferry']);
  expect([status, body.data.length, body.data[0]!.embedding.length, body.usage.prompt_tokens]).toEqual([200, 2, 384, 7]);
  const proof = join(place.folder, 'proof.json');
  await vi.waitFor(async () => {
    const kept = await fetch(`${url}/v1/proofs/${receipt}`);
    expect(kept.status).toBe(200);
    await writeFile(proof, await kept.text());
  });
  const verified = await place.run('verify', proof);
  expect([verified.code, verified.out]).toEqual([2, expect.stringContaining(`model     ${MODEL}`)]);
  expect(verified.out).toContain('NOT proven: embedding, servedAt');
  const { out } = await place.run('earnings', '--json');
  expect(JSON.parse(out).earnings).toMatchObject([
    { index: expect.stringMatching(/^embedding:[0-9a-f]{64}$/), answers: 1, charged: '4' },
  ]);
  expect((await embed('x'.repeat(70_000))).status).toBe(400);
});

it('a key pays from its own budget, and gets 402 when it is spent', async () => {
  const made = await place.run('key', 'create', '--data', data('gateway'), '--budget', '5', '--json');
  const { key } = JSON.parse(made.out) as { key: string };
  expect((await embed('ferry', key)).status).toBe(200);
  expect((await embed(['a', 'b'], key)).body.error.code).toBe('insufficient_quota');
  expect((await embed('mill', key)).status).toBe(200);
  const refused = await embed('trout', key);
  expect([refused.status, refused.body.error.code]).toEqual([402, 'insufficient_quota']);
  expect((await embed('ferry')).status).toBe(401);
});

/** What the provider charged on all channels, and what the gateway knows to have spent. */
async function books(): Promise<{ charged: number; spent: number }> {
  const { channels } = (await askNode(data('provider'), 'channels')) as { channels: { charged: string }[] };
  const sums = (await askNode(data('gateway'), 'balance')) as { spent: string; writtenOff: string };
  const charged = channels.reduce((sum, one) => sum + Number(one.charged), 0);
  return { charged, spent: Number(sums.spent) + Number(sums.writtenOff) };
}

it('a gateway killed while it buys is charged what the provider booked, and nothing twice', async () => {
  const made = await place.run('key', 'create', '--data', data('gateway'), '--json');
  const { key } = JSON.parse(made.out) as { key: string };
  const buy = () =>
    embed(['spring', 'flood'], key).then(
      ({ status }) => status === 200,
      () => false,
    );
  const worker = async () => {
    while (await buy());
  };
  const workers = Promise.all([worker(), worker(), worker()]);
  const { charged: before } = await books();
  await vi.waitFor(async () => expect((await books()).charged).toBeGreaterThan(before + 40), { timeout: FOUND_MS, interval: 50 });
  process.kill(seller.pid, 'SIGSTOP');
  await vi.waitFor(
    async () => {
      const { couldLose } = (await askNode(data('gateway'), 'balance')) as { couldLose: string };
      expect(Number(couldLose)).toBeGreaterThan(0);
    },
    { timeout: FOUND_MS, interval: 50 },
  );
  await gateway.kill('SIGKILL');
  await workers;
  process.kill(seller.pid, 'SIGCONT');
  await startGateway();
  await vi.waitFor(async () => expect(await buy()).toBe(true), { timeout: FOUND_MS, interval: 500 });
  const { charged, spent } = await books();
  expect(spent).toBe(charged);
});

it('a provider that begins to sell another model is caught within 100 requests, and left, also after a restart', async () => {
  const made = await place.run('key', 'create', '--data', data('gateway'), '--json');
  const { key } = JSON.parse(made.out) as { key: string };
  await seller.kill('SIGTERM');
  await gateway.kill('SIGTERM');
  const script = fileURLToPath(new URL('./_embedding-liar.ts', import.meta.url));
  const liar = place.start([data('provider'), String(HONEST_ANSWERS)], script);
  const [, address = ''] = await liar.says(/^liar at (\S+)$/m);
  await startGateway('--bootstrap', address);
  await vi.waitFor(async () => expect((await get('/v1/models', key)).body.data).toHaveLength(1), FOUND_MS);
  const replies: Reply[] = [];
  do replies.push(await embed(`text ${replies.length}`, key));
  while (replies.at(-1)!.status === 200 && replies.length < HONEST_ANSWERS + 100);
  expect(replies.length).toBeGreaterThan(HONEST_ANSWERS);
  expect(replies.at(-1)).toMatchObject({ status: 502, body: { error: { code: 'EMBEDDING_MISMATCH' } } });
  expect((await embed('after', key)).body.error.code).toBe('model_not_found');

  const { out } = await place.run('faults', '--json');
  const [fault] = JSON.parse(out) as { provider: string; file: string }[];
  expect(fault!.provider).toBe(did);
  const evidence = await place.run('verify', fault!.file);
  expect([evidence.code, evidence.out]).toEqual([2, expect.stringContaining('FAULT')]);
  const metrics = await (await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${key}` } })).text();
  expect(metrics).toContain('tributary_gateway_vectors_checked_total{outcome="other"} 1');

  await gateway.kill('SIGTERM');
  await startGateway('--bootstrap', address);
  await vi.waitFor(async () => expect((await fetch(`${url}/healthz`)).status).toBe(200), FOUND_MS);
  const left = await embed('restarted', key);
  expect([left.status, left.body.error.code]).toEqual([404, 'model_not_found']);
  expect((await place.run('faults', '--forgive', did)).code).toBe(0);
  expect((await get('/v1/models', key)).body.data).toHaveLength(1);
  await liar.kill('SIGTERM');
});

it('texts are sent to nobody who was not named', async () => {
  const refused = await place.run('gateway', '--port', '0', '--buy-embeddings', 'always');
  expect([refused.code, refused.err]).toEqual([2, expect.stringContaining('--allow')]);
});
