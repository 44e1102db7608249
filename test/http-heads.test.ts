// Forks and rollbacks of a log are noticed through a gateway too, between runs and with concurrent answers.
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { openHeadStore, openHttpClient, type HeadStore } from '@tributary/client';
import { memoryHeads } from '@tributary/client/testing';
import type { Offer, Request } from '@tributary/schemas';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { run } from '../packages/cli/src/run.ts';
import { createOutput, type OutputStream } from '../packages/cli/src/ui/output.ts';
import { makeTestBundle, SERVED_AT } from '../packages/proof/test/_bundle.ts';
import { buildIndex, type TestIndex } from '../packages/proof/test/_index.ts';
import { indexOf, sourceOf } from './_rivers.ts';

/** Two versions of the same two entries of one log: contradicting forks, each with valid signatures. */
const one = indexOf([{ text: 'The spring flood begins in April.', source: sourceOf({}) }]);
const other = indexOf([{ text: 'The spring flood begins in June.', source: sourceOf({}) }]);
/** A longer log of the same owner that extends neither. */
const longer = buildIndex();
const listed = makeTestBundle({ index: one });
const offer = JSON.parse(listed.offer.body) as Offer;

let server: Server;
let folder: string;
/** The indexes that the next questions are answered from. */
let answers: TestIndex[];
let paths: string[];
beforeEach(async () => {
  [answers, paths] = [[], []];
  folder = await mkdtemp(join(tmpdir(), 'tributary-http-heads-'));
  let waiting: (() => void)[] = [];
  server = createServer((request, response) => {
    void (async () => {
      paths.push(request.url!);
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const json = (value: unknown) =>
        void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
      if (request.url === '/v1/indexes') return json({ indexes: [listing] });
      if (request.url!.startsWith('/v1/consistency')) return json({ hashes: ['A'.repeat(43)] });
      const { nonce, body } = JSON.parse(Buffer.concat(chunks).toString()) as { nonce: string; body: string };
      const index = answers.shift()!;
      // The answers leave together, once all expected questions have been asked.
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
        if (answers.length > 0) return;
        for (const go of waiting) go();
        waiting = [];
      });
      return json({ bundle: makeTestBundle({ index, nonce, request: () => JSON.parse(body) as Request }) });
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true });
});

const listing = {
  ...offer.card,
  id: offer.index,
  name: 'rivers',
  provider: 'did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK',
  model: '',
  modelDigest: offer.card.model,
  price: { ...offer.price, unit: '' },
  limits: offer.limits,
  offerExpires: '',
  identity: listed.identity,
  offer: listed.offer,
};
const gateway = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const ask = (heads: HeadStore) =>
  openHttpClient({
    gateway: gateway(),
    now: () => SERVED_AT + 1_000,
    heads,
  }).query({ text: 'spring flood', index: 'rivers', mode: 'bm25', minRelevance: 0 });

test('two answers from contradicting forks at the same time: one passes, one is refused', async () => {
  for (const [first, second] of [
    [one, other],
    [other, one],
    [one, longer],
  ] as const) {
    answers = [first, second];
    const heads = memoryHeads();
    const settled = await Promise.allSettled([ask(heads), ask(heads)]);
    expect(settled.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    const refused = settled.find((each) => each.status === 'rejected')!.reason as { code: string };
    expect(refused.code).toMatch(/^HEAD_(FORK|CONSISTENCY|ROLLBACK)$/);
  }
});

test('a fork is noticed by the next run, which has the heads from disk', async () => {
  answers = [one];
  await ask(await openHeadStore(folder, { shared: true }));
  answers = [other];
  await expect(ask(await openHeadStore(folder, { shared: true }))).rejects.toMatchObject({ code: 'HEAD_FORK' });
  answers = [one];
  await ask(await openHeadStore(folder, { shared: true }));
});

test('a fork is noticed by the next run of `tributary query`, in the folder that it also uses without a gateway', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: SERVED_AT + 1_000 });
  const query = async (index: TestIndex) => {
    answers = [index];
    let said = '';
    const stream = () =>
      new Writable({ write: (chunk, _, done) => done(void (said += String(chunk))) }) as unknown as OutputStream;
    const options = ['--index', 'rivers', '--mode', 'bm25', '--min-relevance', '0', '--gateway', gateway(), '--data', folder];
    const code = await run(['query', 'spring flood', ...options], createOutput(stream(), stream()), new AbortController().signal);
    return { code, said };
  };
  try {
    expect(await query(one)).toMatchObject({ code: 3, said: expect.stringContaining('begins in April') });
    expect(await query(other)).toEqual({ code: 1, said: expect.stringContaining('(HEAD_FORK)') });
    expect(await query(one)).toMatchObject({ code: 3, said: expect.stringContaining('begins in April') });
    const heads = await openHeadStore(join(folder, 'heads'));
    expect(heads.get(offer.index)).toMatchObject({ size: 2 });
    await heads.close();
  } finally {
    vi.useRealTimers();
  }
});

test('growth needs the proof of the provider, which a gateway cannot forge; going back is refused', async () => {
  const heads = memoryHeads();
  answers = [one];
  await ask(heads);
  answers = [longer];
  await expect(ask(heads)).rejects.toMatchObject({ code: 'HEAD_CONSISTENCY' });
  expect(paths.at(-1)).toBe(`/v1/consistency?index=${encodeURIComponent(offer.index)}&first=2&second=4`);
  const ahead = memoryHeads();
  answers = [longer];
  await ask(ahead);
  answers = [one];
  await expect(ask(ahead)).rejects.toMatchObject({ code: 'HEAD_ROLLBACK' });
});
