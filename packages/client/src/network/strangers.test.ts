// Strangers that hold connections, over real sockets. Every address in 127/8 counts as a separate host.
import { afterEach, describe, expect, it, vi } from 'vitest';
import { sampleAsk, sampleReceipt } from '../testing/samples.ts';
import type { LinkHandlers } from '../link/types.ts';
import { createNode, type Node, type NodeOptions } from './libp2p-node.ts';

const nodes: Node[] = [];
afterEach(async () => {
  await Promise.all(nodes.splice(0).map((node) => node.close()));
});
const handlers: LinkHandlers = {
  ask: async () => ({ receipt: sampleReceipt, body: Buffer.from('answer') }),
  call: async () => ({ available: '1', unit: 'credit' }),
};
let seeds = 0;
async function nodeOf(options: Partial<NodeOptions> = {}): Promise<Node> {
  const privateKey = new Uint8Array(32);
  new DataView(privateKey.buffer).setUint32(0, (seeds += 1));
  const node = await createNode({ privateKey, handlers, listen: [], ...options });
  nodes.push(node);
  return node;
}
const provider = (shares: NodeOptions['shares']) =>
  nodeOf({ listen: ['/ip4/127.0.0.1/tcp/0'], shares: { perSecond: 1_000, ...shares! } });
const paidAsk = { ...sampleAsk, payment: sampleAsk.payment };

describe('a node whose places strangers hold', () => {
  it('has room for an honest newcomer, and keeps paying peers', { timeout: 60_000 }, async () => {
    const server = await provider({ total: 6, perHost: 4 });
    const address = server.addresses()[0]!;
    expect(paidAsk.payment).not.toBeNull();
    const payer = await nodeOf();
    expect(await (await payer.dial(address)).ask(paidAsk, new Uint8Array(0))).toMatchObject({ kind: 'answer' });
    for (let at = 0; at < 12; at += 1)
      await (await nodeOf({ dialFrom: `127.0.0.${60 + (at % 3)}` })).dial(address).catch(() => undefined);
    await vi.waitFor(() => expect(server.links().length).toBeLessThanOrEqual(6));
    const honest = await nodeOf();
    const link = await honest.dial(address);
    expect(await link.ask(sampleAsk, new Uint8Array(0))).toMatchObject({ kind: 'answer' });
    expect(server.linked(payer.peerId)).toBe(true);
    expect(server.linked(honest.peerId)).toBe(true);
    expect(server.stats()).toMatchObject({ connections: 6, turnedAway: 0, displaced: expect.any(Number) });
    expect(server.stats().displaced).toBeGreaterThanOrEqual(8);
  });

  it('gives one host its share and no more', { timeout: 60_000 }, async () => {
    const server = await provider({ total: 100, perHost: 3 });
    const address = server.addresses()[0]!;
    for (let at = 0; at < 6; at += 1) await (await nodeOf({ dialFrom: '127.0.0.66' })).dial(address);
    await vi.waitFor(() => expect(server.links()).toHaveLength(3));
    await (await nodeOf()).dial(address);
    expect(server.links()).toHaveLength(4);
  });

  it('refuses a host that opens handshake after handshake', { timeout: 60_000 }, async () => {
    const server = await provider({ perSecond: 0.001, pending: 2 });
    const address = server.addresses()[0]!;
    const tries = [];
    for (let at = 0; at < 4; at += 1)
      tries.push(
        await (await nodeOf({ dialFrom: '127.0.0.66' })).dial(address).then(
          () => true,
          () => false,
        ),
      );
    expect(tries).toEqual([true, true, false, false]);
    expect(server.stats().turnedAway).toBeGreaterThanOrEqual(2);
    await (await nodeOf()).dial(address);
  });
});
