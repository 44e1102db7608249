import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { sampleAsk, sampleReceipt } from '../testing/samples.ts';
import { createNode, type Node } from './libp2p-node.ts';

async function nodeOf(seed: number, bodyBytes: number): Promise<Node> {
  const node = await createNode({
    privateKey: new Uint8Array(32).fill(seed),
    handlers: {
      ask: async ({ body }) => ({ receipt: sampleReceipt, body: new Uint8Array(bodyBytes).fill(body[0] ?? 0) }),
      call: async () => ({ available: '1', unit: 'credit' }),
    },
  });
  onTestFinished(() => node.close());
  return node;
}

/** Counts the TLS records of a stream (RFC 8446, section 5.1: type, version, and length in 5 bytes). */
function recordCounter(): { count: number; read(bytes: Buffer): void } {
  let rest = Buffer.alloc(0);
  let started = false;
  return {
    count: 0,
    read(bytes) {
      rest = Buffer.concat([rest, bytes]);
      // libp2p first agrees on TLS in the clear.
      const hello = started ? 0 : rest.indexOf(Buffer.from([22, 3]));
      if (hello < 0) return;
      started = true;
      rest = rest.subarray(hello);
      for (; rest.length >= 5 && rest.length >= 5 + rest.readUInt16BE(3); rest = rest.subarray(5 + rest.readUInt16BE(3)))
        this.count += 1;
    },
  };
}

/** Passes bytes on between a node and whoever dials it, and counts the TLS records in each direction. */
async function counted(target: Node) {
  const there = recordCounter();
  const back = recordCounter();
  const [, port, peer] = /tcp\/(\d+)\/p2p\/(\w+)/.exec(target.addresses()[0]!)!;
  const sockets: Socket[] = [];
  const server = createServer((from) => {
    const to = connect(Number(port), '127.0.0.1').setNoDelay();
    sockets.push(from.setNoDelay(), to);
    from.on('data', (bytes: Buffer) => (there.read(bytes), to.write(bytes))).on('error', () => to.destroy());
    to.on('data', (bytes: Buffer) => (back.read(bytes), from.write(bytes))).on('error', () => from.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { address: `/ip4/127.0.0.1/tcp/${(server.address() as AddressInfo).port}/p2p/${peer}`, there, back };
}

it('sends each question and each answer in one TLS record, and little beside them', async () => {
  const [asking, answering] = [await nodeOf(1, 0), await nodeOf(2, 1_000)];
  const { address, there, back } = await counted(answering);
  const link = await asking.dial(address);
  await link.ask(sampleAsk, new Uint8Array(100));
  const before = [there.count, back.count] as const;
  expect(before[0]).toBeGreaterThan(0);
  const asks = 200;
  for (let ask = 0; ask < asks; ask += 1) await link.ask(sampleAsk, new Uint8Array(100));
  // Credit and pings come in between, some of them on their own.
  expect(there.count - before[0]).toBeLessThan(1.3 * asks);
  expect(back.count - before[1]).toBeLessThan(1.3 * asks);
});

it('carries more than the windows of the stream in both directions, whole and in order', async () => {
  const [asking, answering] = [await nodeOf(3, 0), await nodeOf(4, 900_000)];
  const link = await asking.dial(answering.addresses()[0]!);
  const bodies = await Promise.all(
    Array.from({ length: 24 }, (_, at) => link.ask(sampleAsk, new Uint8Array(200_000).fill(at + 1))),
  );
  for (const [at, reply] of bodies.entries()) {
    expect(reply.kind).toBe('answer');
    if (reply.kind === 'answer') expect(Buffer.compare(reply.body, Buffer.alloc(900_000, at + 1))).toBe(0);
  }
});
