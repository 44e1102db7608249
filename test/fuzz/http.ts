// Callers that send hardly any HTTP, or arbitrary requests, to a gateway without keys and without a store, with a real
// provider behind it. `routes` walks over every route of a node.
import { once } from 'node:events';
import { connect } from 'node:net';
import { startNetwork } from '../_network.ts';
import { mutateBytes, mutateJson, mutateText } from './mutate.ts';
import type { Random } from './random.ts';
import { openSender } from './send.ts';
import type { Target } from './types.ts';

export async function openHttp(): Promise<Target> {
  const network = await startNetwork({ price: 0 });
  const gateway = await network.gateway();
  const { send, close } = openSender(new URL(gateway.url));
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
      const sent = body === null || method === 'GET' || method === 'HEAD' ? undefined : mutateJson(random, body);
      const type = random.chance(0.9)
        ? 'application/json'
        : random.pick(['text/plain', 'application/x-www-form-urlencoded', '*/*']);
      const { status, text } = await send({ method, path: where, headers: { 'content-type': type }, body: sent });
      if (status === 500) throw new Error(`${method} ${where} gave 500: ${text.slice(0, 300)}`);
    },
    async honest() {
      const body = JSON.stringify({ query: 'ferry', index: 'rivers', mode: 'bm25', minRelevance: 0 });
      const { status, text } = await send({
        method: 'POST',
        path: '/v1/query',
        headers: { 'content-type': 'application/json' },
        body,
      });
      if (status !== 200) throw new Error(`an honest question got ${status}: ${text.slice(0, 300)}`);
    },
    async close() {
      close();
      await network.close();
    },
  };
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
    { path: '/v1/query', body: { sparse: { indices: [7, 4_294_967_295], values: [0.5, -1] }, vector: [0.1], index } },
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
