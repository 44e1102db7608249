// What only a listening gateway shows: callers that hang up, bytes that are not HTTP, taken ports, closing under load.
import { once } from 'node:events';
import { connect } from 'node:net';
import { ClientError, type Client } from '@tributary/client';
import { gatewayError } from '@tributary/schemas';
import { afterEach, expect, test } from 'vitest';
import type { GatewayServer } from '../src/gateway/server.ts';
import { openGateway, sampleBundle, sampleResult } from './_gateway.ts';

const opened: GatewayServer[] = [];
afterEach(() => Promise.all(opened.splice(0).map((gateway) => gateway.close())));

async function listen(client: Partial<Client> = {}) {
  const { gateway } = await openGateway(client);
  opened.push(gateway);
  return { gateway, ...(await gateway.listen()) };
}
const ask = (url: string, signal?: AbortSignal) =>
  fetch(`${url}/v1/query`, {
    method: 'POST',
    body: '{"query":"a"}',
    headers: { 'content-type': 'application/json' },
    ...(signal ? { signal } : {}),
  });

async function send(url: string, bytes: string): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1').setEncoding('utf8');
  socket.write(bytes);
  let text = '';
  socket.on('data', (chunk: string) => (text += chunk));
  await once(socket, 'close');
  return text;
}

/** A query that ends when it is aborted or released. */
function pending() {
  const state = { aborted: false, release: () => {} };
  const started = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  const query: Client['query'] = (_question, options) =>
    new Promise((resolve, reject) => {
      state.release = () => resolve(sampleResult(sampleBundle(1)));
      options?.signal?.addEventListener('abort', () => {
        state.aborted = true;
        ended.resolve();
        reject(new ClientError('ABORTED', 'aborted'));
      });
      started.resolve();
    });
  return { state, started: started.promise, ended: ended.promise, query };
}

test('listens on loopback only', async () => {
  const { url } = await listen();
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
});

test('a caller that hangs up cancels its query', async () => {
  const { state, started, ended, query } = pending();
  const { url } = await listen({ query });
  const abort = new AbortController();
  const asking = ask(url, abort.signal).catch(() => 'hung up');
  await started;
  expect(await (await fetch(`${url}/metrics`)).text()).toContain('tributary_gateway_queries_in_flight 1');
  expect(state.aborted).toBe(false);
  abort.abort();
  await ended;
  expect(await asking).toBe('hung up');
});

test('closing lets a running query end and refuses new ones', async () => {
  const { state, started, query } = pending();
  const { gateway, url } = await listen({ query });
  const asking = ask(url);
  await started;
  const closing = gateway.close();
  // A new connection meets one of the two, depending on whether the port is already closed.
  expect(['no connection', 503]).toContain(
    await ask(url).then(
      ({ status }) => status,
      () => 'no connection',
    ),
  );
  state.release();
  expect((await asking).status).toBe(200);
  await closing;
  expect(state.aborted).toBe(false);
  await expect(ask(url)).rejects.toThrow('fetch failed');
});

test('a taken port has its own code', async () => {
  const { url } = await listen();
  const { gateway } = await openGateway({}, { port: Number(new URL(url).port) });
  opened.push(gateway);
  await expect(gateway.listen()).rejects.toMatchObject({ code: 'PORT_IN_USE' });
});

test('closing waits for no connection that has sent nothing, and not for ever for a body that does not end', async () => {
  const { gateway, url } = await listen();
  const open = async (bytes: string): Promise<{ closed: Promise<number> }> => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    await once(socket, 'connect');
    socket.write(bytes);
    socket.on('error', () => undefined).resume();
    return { closed: once(socket, 'close').then(() => performance.now()) };
  };
  const silent = await open('');
  const slow = await open(
    'POST /v1/query HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{',
  );
  expect((await fetch(`${url}/healthz`)).status).toBe(200); // both are with the server by now
  const started = performance.now();
  const closing = gateway.close();
  expect((await silent.closed) - started).toBeLessThan(3_000);
  await closing;
  const waited = (await slow.closed) - started;
  expect(waited).toBeGreaterThan(9_000);
  expect(waited).toBeLessThan(14_000);
}, 120_000);

test.each([
  ['a stated length', 'content-length: 4194304', 'a'.repeat(4_194_304)],
  ['pieces', 'transfer-encoding: chunked', `400000\r\n${'a'.repeat(4_194_304)}\r\n0\r\n\r\n`],
])('a caller that still sends a body that is too long (%s) gets its refusal', async (_name, header, body) => {
  const { url } = await listen();
  const socket = connect(Number(new URL(url).port), '127.0.0.1').setEncoding('utf8');
  const replies: string[] = [];
  socket.on('data', (text: string) => replies.push(text));
  const replied = async (count: number): Promise<void> => {
    while (replies.join('').split('HTTP/1.1 ').length <= count) await once(socket, 'data');
  };
  const half = body.length / 2;
  socket.write(`POST /v1/query HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n${header}\r\n\r\n`);
  socket.write(body.slice(0, half));
  await replied(1);
  expect(replies.join('')).toMatch(/^HTTP\/1.1 413 [^]*INPUT_TOO_LARGE/);
  socket.write(body.slice(half));
  socket.write('GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n');
  await replied(2);
  expect(replies.join('')).toContain('HTTP/1.1 200 OK');
  socket.destroy();
});

test.each([
  ['no HTTP', 'hello\r\n\r\n', 400, 'INPUT_SHAPE'],
  ['too long headers', `GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nx: ${'a'.repeat(1_048_577)}\r\n\r\n`, 413, 'INPUT_TOO_LARGE'],
])('%s are refused in the one error shape', async (_name, bytes, status, code) => {
  const { url } = await listen();
  const [head = '', body = ''] = (await send(url, bytes)).split('\r\n\r\n');
  expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  expect(gatewayError.parse(JSON.parse(body)).error.code).toBe(code);
});

test('queries above the limit are refused', async () => {
  const { query, started } = pending();
  const { url } = await listen({ query });
  const abort = new AbortController();
  const asking = Array.from({ length: 256 }, () => ask(url, abort.signal).catch(() => null));
  await started;
  // All are in once the first one above the limit is refused.
  let refused = await ask(url, AbortSignal.timeout(100)).catch(() => null);
  while (refused === null) refused = await ask(url, AbortSignal.timeout(100)).catch(() => null);
  expect([refused.status, gatewayError.parse(await refused.json()).error.code]).toEqual([503, 'OVERLOADED']);
  abort.abort();
  await Promise.all(asking);
});
