import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { linkRecordsBytesMax } from '@tributary/schemas';
import { sampleAsk, sampleReceipt } from '../testing/samples.ts';
import type { Link, LinkHandlers } from '../link/types.ts';
import { createNode, type Node } from './libp2p-node.ts';
import { nodeInboundRecordsBytesMax, nodeRecordsShare } from './limits.ts';

const nodes: Node[] = [];
afterEach(async () => {
  await Promise.all(nodes.splice(0).map((node) => node.close()));
});

/** A node whose answers name the node and the peer that asked. */
async function nodeOf(seed: number, listen?: string[]): Promise<Node> {
  const handlers: LinkHandlers = {
    ask: async ({ peer }) => ({ receipt: sampleReceipt, body: Buffer.from(`${seed} to ${peer}`) }),
    call: async () => ({ available: '1', unit: 'credit' }),
  };
  const node = await createNode({
    privateKey: new Uint8Array(32).fill(seed),
    handlers,
    ...(listen === undefined ? {} : { listen }),
  });
  nodes.push(node);
  return node;
}

async function asked(link: Link): Promise<string> {
  const reply = await link.ask(sampleAsk, new Uint8Array(0));
  return reply.kind === 'answer' ? Buffer.from(reply.body).toString() : reply.code;
}

describe('a node', () => {
  it('has the peer id of its key and listens on loopback', async () => {
    const node = await nodeOf(1);
    expect(node.peerId).toBe('12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5');
    expect(node.addresses()).toEqual([expect.stringMatching(/^\/ip4\/127\.0\.0\.1\/tcp\/\d+\/p2p\/12D3/)]);
  });

  it('keeps one link for each peer, whoever dialled, and hands it to both sides', async () => {
    const [left, right] = [await nodeOf(1), await nodeOf(2)];
    const accepted = new Promise<[Link, string]>((resolve) => right.handle((link, peer) => resolve([link, peer])));
    const dials = await Promise.all([left.dial(right.addresses()[0]!), left.dial(right.addresses()[0]!)]);
    const [link, peer] = await accepted;
    expect(peer).toBe(left.peerId);
    expect([dials[1], await left.dial(right.peerId), await right.dial(left.peerId)]).toEqual([dials[0], dials[0], link]);
    expect([await asked(dials[0]), await asked(link)]).toEqual([`2 to ${left.peerId}`, `1 to ${right.peerId}`]);
  });

  it('remembers fewer records for each further link, and least for links that others dialled', async () => {
    const hub = await nodeOf(9, []);
    const others = await Promise.all([1, 2, 3].map((seed) => nodeOf(seed)));
    /** What the hub says that it remembers, as the other side of its next link reads it. */
    const told = async (other: Node): Promise<number> => {
      const accepted = new Promise<Link>((resolve) => other.handle(resolve));
      await hub.dial(other.addresses()[0]!);
      return (await (await accepted).ready).recordsBytesMax;
    };
    const [first, second, third] = [await told(others[0]!), await told(others[1]!), await told(others[2]!)];
    expect(first).toBe(linkRecordsBytesMax);
    expect(second).toBeLessThan(first);
    expect(third).toBeLessThan(second);
    const inbound = (await (await hub.dial(others[0]!.peerId)).ready).recordsBytesMax;
    expect(inbound).toBe(nodeInboundRecordsBytesMax / nodeRecordsShare);
    // The memory of a link that ended is there for the next.
    const link = await hub.dial(others[1]!.peerId);
    link.close();
    await link.closed;
    expect(await told(others[1]!)).toBeGreaterThan(third);
  });

  it('works when both sides dial at once', async () => {
    const [left, right] = [await nodeOf(1), await nodeOf(2)];
    const links = await Promise.all([left.dial(right.addresses()[0]!), right.dial(left.addresses()[0]!)]);
    expect(await Promise.all(links.map(asked))).toEqual([`2 to ${left.peerId}`, `1 to ${right.peerId}`]);
  });

  it('dials again after a link has ended', async () => {
    const [left, right] = [await nodeOf(1, []), await nodeOf(2)];
    const first = await left.dial(right.addresses()[0]!);
    first.close();
    const second = await left.dial(right.addresses()[0]!);
    expect(second).not.toBe(first);
    expect(await asked(second)).toBe(`2 to ${left.peerId}`);
  });

  it('is dialled without its peer id, and once only', async () => {
    const [left, right] = [await nodeOf(1, []), await nodeOf(2)];
    const { port } = new URL(`tcp://${right.addresses()[0]!.split('/')[2]}:${right.addresses()[0]!.split('/')[4]}`);
    const first = await left.dial(`/dns4/localhost/tcp/${port}`);
    expect(first.peer).toBe(right.peerId);
    expect(await left.dial(`/dns4/localhost/tcp/${port}`)).toBe(first);
    expect(await left.dial(`/ip4/127.0.0.1/tcp/${port}`)).toBe(first);
    expect(await asked(first)).toBe(`2 to ${left.peerId}`);
  });

  it('says why it cannot dial', async () => {
    const node = await nodeOf(1, []);
    const { peerId } = await nodeOf(2, []);
    await expect(node.dial('/ip4/127.0.0.1/tcp/1')).rejects.toMatchObject({ code: 'LINK_CLOSED' });
    await expect(node.dial(peerId)).rejects.toMatchObject({ code: 'LINK_CLOSED' });
    await expect(node.dial('no address')).rejects.toMatchObject({ code: 'LINK_CLOSED' });
    const server = createServer((socket) => socket.end('hello\n')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    await expect(node.dial(`/ip4/127.0.0.1/tcp/${port}`)).rejects.toMatchObject({ code: 'LINK_CLOSED' });
    server.close();
  });

  it('ends its links when it closes', async () => {
    const [left, right] = [await nodeOf(1), await nodeOf(2)];
    const link = await left.dial(right.addresses()[0]!);
    await right.close();
    expect((await link.closed).code).toBe('LINK_CLOSED');
  });
});
