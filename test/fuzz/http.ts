// Callers that send arbitrary requests to a real gateway, with a real provider behind it.
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { startNetwork } from '../_network.ts';
import { mutateBytes, mutateJson, mutateText } from './mutate.ts';
import type { Random } from './random.ts';
import type { Target } from './types.ts';

const requestMs = 10_000;

export async function openHttp(): Promise<Target> {
  const network = await startNetwork({ price: 0 });
  const gateway = await network.gateway();
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  const send = sender(new URL(gateway.url), agent);
  const index = network.provider.store.index('rivers').info().id;
  const bodies = bodiesOf(index);
  return {
    async feed(random) {
      if (random.chance(0.1)) return sendRaw(random, new URL(gateway.url), bodies);
      const { path, body } = random.pick(bodies);
      const method = random.chance(0.95)
        ? body === null
          ? 'GET'
          : 'POST'
        : random.pick(['PUT', 'DELETE', 'OPTIONS', 'HEAD', 'POST', 'GET'] as const);
      const where = random.chance(0.3) ? mutatePath(random, path) : path;
      const sent = body === null || method === 'GET' || method === 'HEAD' ? null : mutateJson(random, body);
      const type = random.chance(0.9)
        ? 'application/json'
        : random.pick(['text/plain', 'application/x-www-form-urlencoded', '*/*']);
      const { status, text } = await send(method, where, type, sent);
      if (status === 500) throw new Error(`${method} ${where} gave 500: ${text.slice(0, 300)}`);
    },
    async honest() {
      const body = JSON.stringify({ query: 'ferry', index: 'rivers', mode: 'bm25', minRelevance: 0 });
      const { status, text } = await send('POST', '/v1/query', 'application/json', body);
      if (status !== 200) throw new Error(`an honest question got ${status}: ${text.slice(0, 300)}`);
    },
    async close() {
      agent.destroy();
      await network.close();
    },
  };
}

type Send = (method: string, path: string, type: string, body: string | null) => Promise<{ status: number; text: string }>;

/**
 * Sends one request unchanged, including its path. A connection that the gateway ends counts as an answer; one that it
 * leaves hanging does not.
 */
function sender({ hostname, port }: URL, agent: Agent): Send {
  return (method, path, type, body) =>
    new Promise((resolve, reject) => {
      const length = body === null ? {} : { 'content-length': Buffer.byteLength(body) };
      const sent = request({
        hostname,
        port,
        method,
        path,
        agent,
        headers: { 'content-type': type, ...length },
        timeout: requestMs,
      });
      sent.on('timeout', () => reject(new Error(`${method} ${path.slice(0, 200)} was not answered within ${requestMs} ms`)));
      sent.on('error', () => resolve({ status: 0, text: '' }));
      sent.on('response', (reply) => {
        const chunks: Buffer[] = [];
        reply.on('data', (chunk: Buffer) => chunks.push(chunk));
        reply.on('error', () => resolve({ status: 0, text: '' }));
        reply.on('end', () => resolve({ status: reply.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }));
      });
      sent.end(body ?? undefined);
    });
}

function bodiesOf(index: string): readonly { path: string; body: object | null }[] {
  const hash = 'ab'.repeat(32);
  const filter = { $and: [{ lang: { $in: ['en', 'de'] } }, { year: { $gte: 1990 } }] };
  const nonce = 'A'.repeat(43);
  const request = `{"v":1,"type":"tributary/query","index":"${index}","namespace":"","topK":3,"mode":"bm25","text":"x"}`;
  return [
    { path: '/v1/query', body: { query: 'ferry', index: 'rivers', mode: 'bm25', topK: 3, includeProof: true, maxCharge: '0' } },
    { path: '/v1/query', body: { query: 'ferry', index, mode: 'bm25', topK: 3, filter, minRelevance: 0.5, namespace: '' } },
    { path: '/v1/query', body: { vector: [0.1, 0.2], index, topK: 3 } },
    { path: '/v1/relay', body: { nonce, body: request, maxCharge: '0' } },
    { path: '/v1/indexes', body: null },
    { path: `/v1/consistency?index=${encodeURIComponent(index)}&first=1&second=2`, body: null },
    { path: `/v1/proofs/${hash}`, body: null },
    { path: '/readyz', body: null },
    { path: '/metrics', body: null },
    { path: '/healthz', body: null },
    { path: '/', body: null },
  ];
}

/** Still a path that a client library sends. */
function mutatePath(random: Random, path: string): string {
  const odd = ['%00', '%ff', '%', '//', '/../', '?', '?q=', '&&', '%2e%2e%2f', 'a'.repeat(5_000)];
  const changed = random.chance(0.5) ? path + random.pick(odd) : mutateText(random, path);
  return `/${changed.replace(/[^!-~]/g, '').replace(/^\/+/, '')}`;
}

/** Bytes on a separate socket that are hardly HTTP. */
async function sendRaw(random: Random, { hostname, port }: URL, bodies: ReturnType<typeof bodiesOf>): Promise<void> {
  const { path, body } = random.pick(bodies);
  const json = body === null ? '' : mutateJson(random, body).slice(0, 4_000);
  const length = random.chance(0.5) ? Buffer.byteLength(json) : random.below(10_000);
  const whole = `${body === null ? 'GET' : 'POST'} ${path} HTTP/1.1\r\nHost: ${hostname}\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n${json}`;
  const bytes = random.chance(0.2) ? random.bytes(random.below(500)) : mutateBytes(random, Buffer.from(whole));
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  socket.resume();
  await once(socket, 'connect').catch(() => undefined);
  socket.write(bytes);
  await new Promise<void>((resolve) => setTimeout(resolve, 3));
  socket.destroy();
}
