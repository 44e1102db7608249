// A peer that writes arbitrary bytes, against a real link with the handlers of a real node.
import { createServer, connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { createDirectory, type Link, type LinkHandlers } from '@tributary/client';
import {
  createLink,
  directoryHandlers,
  memoryStreamPair,
  sampleAsk,
  sampleReceipt,
  START,
  testProvider,
  type ByteStream,
} from '@tributary/client/testing';
import { FRAME, type Announcement } from '@tributary/schemas';
import { mutateBytes, mutateJson } from './mutate.ts';
import type { Random } from './random.ts';
import type { Target } from './types.ts';

const strangerId = 'peer7';
const stranger = testProvider(7);
const announcement: Announcement = stranger.announce({
  identity: { peerId: strangerId },
  offers: ['a', 'b', 'c'].map((name) => ({ index: stranger.index(name) })),
  embeddings: [{}],
});
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

const hello = { type: FRAME.hello, head: { v: 1, requestsMax: 64, windowBytes: 1_000_000, recordsBytesMax: 4_096 } };
const TEMPLATES: readonly { type: number; head: unknown; body?: number }[] = [
  hello,
  { type: FRAME.ask, head: sampleAsk, body: 40 },
  { type: FRAME.ask, head: { ...sampleAsk, payment: null }, body: 3 },
  { type: FRAME.answer, head: { receipt: sampleReceipt }, body: 60 },
  { type: FRAME.refusal, head: { code: 'RATE_LIMITED', message: 'no', retryAfterMs: 5 } },
  { type: FRAME.call, head: { method: 'announce', params: { announcement } } },
  { type: FRAME.call, head: { method: 'announce', params: { announcement: null } } },
  { type: FRAME.call, head: { method: 'peers', params: {} } },
  { type: FRAME.call, head: { method: 'snapshot', params: { index: stranger.index('a'), manifest: 'ab'.repeat(32) } } },
  { type: FRAME.call, head: { method: 'writes', params: { index: stranger.index('a'), hashes: ['ab'.repeat(32)] } } },
  { type: FRAME.call, head: { method: 'consistency', params: { index: stranger.index('a'), first: 1, second: 2 } } },
  { type: FRAME.result, head: { result: { addresses: ['/ip4/127.0.0.1/tcp/1/p2p/x'] } } },
  { type: FRAME.result, head: { result: { announcement } } },
  { type: FRAME.credit, head: { bytes: 100 } },
  { type: FRAME.cancel, head: {} },
];

function frame(random: Random, id: number): Buffer {
  const template = random.pick(TEMPLATES);
  const head = Buffer.from(random.chance(0.5) ? mutateJson(random, template.head) : JSON.stringify(template.head));
  const body = random.bytes(random.chance(0.2) ? random.below(200) : (template.body ?? 0));
  const ofLink = template.type === FRAME.hello || template.type === FRAME.credit;
  const prefix = Buffer.alloc(17);
  prefix.writeUInt32BE(13 + head.length + body.length, 0);
  prefix[4] = random.chance(0.05) ? random.below(256) : template.type;
  prefix.writeBigUInt64BE(BigInt(random.chance(0.05) ? random.pick([0, 1, 2, 2 ** 53, 1_000]) : ofLink ? 0 : id), 5);
  prefix.writeUInt32BE(head.length, 13);
  const whole = Buffer.concat([prefix, head, body]);
  return random.chance(0.1) ? mutateBytes(random, whole) : whole;
}

/** Bytes of one input. Most begin with a valid hello, so that the rest is read. */
function frameInput(random: Random): Buffer {
  if (random.chance(0.1)) return random.bytes(random.below(400));
  const first = JSON.stringify(hello.head);
  const prefix = Buffer.alloc(17);
  prefix.writeUInt32BE(13 + first.length, 0);
  prefix[4] = FRAME.hello;
  prefix.writeUInt32BE(first.length, 13);
  const start = random.chance(0.9) ? [prefix, Buffer.from(first)] : [];
  return Buffer.concat([...start, ...Array.from({ length: 1 + random.below(5) }, (_, at) => frame(random, at + 1))]);
}

/** @param over 'memory': streams inside the process; 'tcp': real sockets, so fewer per second */
export async function openFrames(over: 'memory' | 'tcp'): Promise<Target> {
  const faults: unknown[] = [];
  let slept = 0;
  const directory = createDirectory(() => START + 1, {
    turn: async () => {
      slept += 1;
      if (slept % 16 === 0) await turn();
    },
  });
  const handlers: LinkHandlers = {
    ...directoryHandlers(directory, () => announcement),
    ask: async ({ body }) => ({ receipt: sampleReceipt, body }),
    fault: (error) => faults.push(error),
  };
  const streams = over === 'memory' ? memoryStreams() : await tcpStreams();
  const quiet: LinkHandlers = { ask: () => new Promise(() => undefined), call: async () => ({ announcement: null }) };
  return {
    async feed(random) {
      const { ours, send, idle, close } = await streams.open();
      const link = createLink(ours, { handlers, peer: strangerId, host: '127.0.0.1', valued: () => false });
      // The stranger's replies are read too, so something must wait for them.
      const asked = Promise.allSettled([link.ready, link.call('peers', {}), link.call('announce', { announcement: null })]);
      const bytes = frameInput(random);
      for (let at = 0; at < bytes.length;) {
        const size = random.chance(0.7) ? bytes.length : 1 + random.below(64);
        send(bytes.subarray(at, at + size));
        at += size;
      }
      await idle();
      link.close();
      close();
      const ended = await link.closed;
      if (!/^LINK_(CLOSED|LIMIT|PROTOCOL)$/.test(ended.code)) throw new Error(`the link ended with ${ended.code}`);
      for (const one of await asked) mayFail(one);
      if (faults.length > 0) throw new Error('a handler failed', { cause: faults[0] });
    },
    async honest() {
      const { ours, theirs, close } = await streams.open();
      createLink(ours, { handlers, peer: 'honest', host: '127.0.0.1' });
      const link: Link = createLink(theirs, { handlers: quiet, peer: 'node' });
      const reply = await link.ask(sampleAsk, Buffer.from('hi'), { timeoutMs: 5_000 });
      if (reply.kind !== 'answer') throw new Error(`an honest caller was refused with ${reply.code}`);
      await link.call('peers', {}, { timeoutMs: 5_000 });
      link.close();
      close();
    },
    close: () => streams.close(),
  };
}

/** Calls may only end in ways that a stranger can cause. */
function mayFail(one: PromiseSettledResult<unknown>): void {
  if (one.status === 'fulfilled') return;
  const { code } = one.reason as { code?: string };
  if (code === undefined) throw new Error('a call ended without a code', { cause: one.reason });
}

interface Streams {
  open(): Promise<{ ours: ByteStream; theirs: ByteStream; send(bytes: Buffer): void; idle(): Promise<void>; close(): void }>;
  close(): Promise<void>;
}

function memoryStreams(): Streams {
  return {
    async open() {
      const [ours, theirs] = memoryStreamPair();
      theirs.onClose(() => undefined);
      const idle = async () => {
        for (let at = 0; at < 4; at += 1) await turn();
      };
      return { ours, theirs, send: (bytes) => void theirs.write(bytes), idle, close: () => theirs.abort(new Error('over')) };
    },
    close: () => Promise.resolve(),
  };
}

async function tcpStreams(): Promise<Streams> {
  const accepted: ((socket: Socket) => void)[] = [];
  const server = createServer((socket) => accepted.shift()?.(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  return {
    async open() {
      const other = new Promise<Socket>((resolve) => accepted.push(resolve));
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => undefined);
      const theirs = socketStream(socket);
      const ours = socketStream(await other);
      const idle = () => new Promise<void>((resolve) => setTimeout(resolve, 2));
      return { ours, theirs, send: (bytes) => void socket.write(bytes), idle, close: () => socket.destroy() };
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function socketStream(socket: Socket): ByteStream {
  return {
    write: (bytes) => socket.writable && socket.write(bytes),
    onDrain: (listener) => void socket.on('drain', listener),
    onData: (listener) => void socket.on('data', listener),
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    close: () => void socket.end(),
    abort: () => void socket.destroy(),
    onClose: (listener) => {
      socket.on('error', () => undefined);
      socket.on('close', () => listener());
    },
  };
}
