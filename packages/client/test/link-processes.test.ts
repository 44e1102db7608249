import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { sampleAsk, sampleReceipt } from '../src/testing/samples.ts';
import type { Link, LinkHandlers, LinkLimits } from '../src/link/types.ts';
import { createNode, type Node } from '../src/network/libp2p-node.ts';

const PEER = fileURLToPath(new URL('link-peer.ts', import.meta.url));
const megabyte = new Uint8Array(1_000_000);
const handlers: LinkHandlers = {
  ask: async () => ({ receipt: sampleReceipt, body: megabyte }),
  call: async () => ({ available: '1', unit: 'credit' }),
};

const children: ChildProcess[] = [];
const nodes: Node[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await Promise.all(nodes.splice(0).map((node) => node.close()));
});

async function here(limits: Partial<LinkLimits> = {}): Promise<Node> {
  const node = await createNode({ privateKey: new Uint8Array(32).fill(1), handlers, limits });
  nodes.push(node);
  return node;
}

function peer(...args: string[]): ChildProcess {
  const child = fork(PEER, args, { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  children.push(child);
  return child;
}

async function dialled(role: 'echo' | 'silent'): Promise<{ child: ChildProcess; link: Link }> {
  const child = peer(role);
  const [{ addresses }] = (await once(child, 'message')) as [{ addresses: string[] }];
  const node = await here();
  return { child, link: await node.dial(addresses[0]!) };
}

describe('a link between two processes', () => {
  it('carries 64 asks in flight of 1 KB to 45 KB, each to its own answer', async () => {
    const { link } = await dialled('echo');
    let next = 0;
    const asker = async () => {
      for (let n = next++; n < 640; n = next++) {
        const question = Buffer.alloc(1_000, `question ${n}.`);
        const reply = await link.ask(sampleAsk, question);
        if (reply.kind !== 'answer' || reply.body.length !== 45_000) throw new Error(`no answer to ${n}`);
        expect(question.equals(reply.body.subarray(0, 1_000))).toBe(true);
      }
    };
    await Promise.all(Array.from({ length: 64 }, asker));
    expect(next).toBeGreaterThanOrEqual(640);
    expect([link.inFlight, link.bufferedBytes]).toEqual([0, 0]);
    expect(await link.call('credit', { payer: 'x' })).toEqual({ available: '1', unit: 'credit' });
  });

  it('rejects everything pending when the peer is killed', async () => {
    const { child, link } = await dialled('silent');
    const asks = Array.from({ length: 64 }, () => link.ask(sampleAsk, new Uint8Array(1_000), { timeoutMs: 50_000 }));
    const settled = Promise.allSettled(asks);
    await link.ready;
    child.kill('SIGKILL');
    const codes = (await settled).map((ask) => ask.status === 'rejected' && ask.reason.code);
    expect(codes).toEqual(Array.from({ length: 64 }, () => 'LINK_CLOSED'));
    expect((await link.closed).code).toBe('LINK_CLOSED');
  });

  it('takes no more answers for a reader that stopped than the transport holds', async () => {
    const node = await here({ requestsMax: 250, requestsStart: 250, windowBytes: 1_000_000_000, stallTimeoutMs: 1_500 });
    const accepted = new Promise<Link>((resolve) => node.handle(resolve));
    peer('stopped reader', node.addresses()[0]!);
    const link = await accepted;
    let serving = 0;
    for (; link.isOpen; await sleep(10)) serving = link.serving;
    // Of 200 answers of 1 MB each, the stream's window and one write took some. The others never left this side.
    expect(200 - serving).toBeLessThan(24);
    expect((await link.closed).code).toBe('LINK_LIMIT');
    expect(link.bufferedBytes).toBe(0);
  });

  it.each([
    ['garbage', 'LINK_PROTOCOL'],
    ['oversize', 'LINK_LIMIT'],
  ])('ends on %s, and the node continues', async (role, code) => {
    const node = await here();
    const accepted = new Promise<Link>((resolve) => node.handle(resolve));
    const child = peer(role, node.addresses()[0]!);
    const hearsOfIt = once(child, 'message');
    expect((await (await accepted).closed).code).toBe(code);
    expect((await hearsOfIt)[0]).toEqual({ closed: true });
    const other = await createNode({ privateKey: new Uint8Array(32).fill(3), listen: [], handlers });
    nodes.push(other);
    const link = await other.dial(node.addresses()[0]!);
    expect(await link.ask(sampleAsk, new Uint8Array(10))).toMatchObject({ kind: 'answer' });
  });
});
