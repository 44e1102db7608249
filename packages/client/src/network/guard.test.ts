import type { Connection, MultiaddrConnection } from '@libp2p/interface';
import { expect, it } from 'vitest';
import { nodeLinklessMs } from './limits.ts';
import { manualClock } from '../testing/link-peers.ts';
import { sampleAsk, sampleReceipt } from '../testing/samples.ts';
import { createGuard, hostOf } from './guard.ts';

function connection(peer: string, ended: string[], port = 1) {
  return {
    id: peer,
    direction: 'inbound',
    remotePeer: peer,
    remoteAddr: `/ip4/6.6.6.6/tcp/${port}`,
    abort: ({ message }: Error) => ended.push(`${peer}: ${message}`),
  } as unknown as Connection;
}
function guardOf() {
  const { clock, advance, pending } = manualClock();
  const shares = { total: 3, perHost: 2, perPeer: 2, perSecond: 0, pending: 1 };
  const guard = createGuard({ ...shares, valuedPeers: ['owner'], clock, now: () => 0 });
  return { guard, advance, pending };
}

it('ends a connection on which no link is opened, and no other', async () => {
  const { guard, advance, pending } = guardOf();
  const ended: string[] = [];
  const [idle, used, gone] = ['idle', 'used', 'gone'].map((peer) => connection(peer, ended));
  guard.opened(idle!);
  guard.opened(used!);
  guard.linked(used!);
  await advance(nodeLinklessMs);
  expect(ended).toEqual(['idle: no link was opened']);
  guard.opened(gone!);
  guard.closed(gone!);
  expect(pending()).toBe(0);
});

it('values peers that paid for an answer, and those that the operator named', async () => {
  const { guard } = guardOf();
  const ask = (outcome: object) => ({ ask: async () => outcome as never, call: async () => ({}) });
  const asking = { body: new Uint8Array(0), signal: new AbortController().signal, host: undefined };
  const answered = guard.watch(ask({ receipt: sampleReceipt, body: new Uint8Array(0) }));
  const refused = guard.watch(ask({ refusal: { code: 'RATE_LIMITED', message: '', retryAfterMs: null } }));
  await refused.ask({ ...asking, head: sampleAsk, peer: 'refused' });
  await answered.ask({ ...asking, head: { ...sampleAsk, payment: null }, peer: 'free' });
  await answered.ask({ ...asking, head: sampleAsk, peer: 'paid' });
  expect(['owner', 'paid', 'free', 'refused', 'nobody'].filter((peer) => guard.valued(peer))).toEqual(['owner', 'paid']);
});

it('counts a handshake until it has ended, either way', async () => {
  const { guard } = guardOf();
  let close: () => void = () => undefined;
  const atWork = (port: number) =>
    ({
      remoteAddr: `/ip4/6.6.6.6/tcp/${port}`,
      addEventListener: (_: string, listener: () => void) => (close = listener),
    }) as unknown as MultiaddrConnection;
  expect(await guard.denies(atWork(1))).toBe(false);
  expect(await guard.denies(atWork(2))).toBe(true);
  close();
  expect(guard.stats().turnedAway).toBe(1);
});

it.each([
  ['/ip4/1.2.3.4/tcp/1/p2p/x', '1.2.3.4'],
  ['/ip6/::ffff:1.2.3.4/tcp/1', '1.2.3.4'],
  ['/ip6/2a00::1/tcp/1', '2a00::1'],
  ['/memory/x', '/memory/x'],
])('the host of %s is %s', (address, host) => expect(hostOf(address)).toBe(host));
