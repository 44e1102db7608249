// Providers in separate processes over libp2p TCP: they are found through one node they share, and gone when they say
// goodbye, die or hang.
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { START } from '../src/testing/announcements.ts';
import { createDirectory } from '../src/discovery/directory.ts';
import { createDiscovery, type Discovery } from '../src/discovery/discover.ts';
import { discoveryIntervalMs, announcementHoldsMs } from '../src/discovery/limits.ts';
import { directoryHandlers } from '../src/discovery/handlers.ts';
import { createNode, type Node } from '../src/network/libp2p-node.ts';

const ANNOUNCER = fileURLToPath(new URL('announcer.ts', import.meta.url));
const children: ChildProcess[] = [];
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const close of closers.splice(0)) await close();
});

async function announcer(number: number, bootstrap?: string) {
  const args = [String(number), ...(bootstrap === undefined ? [] : [bootstrap])];
  const child = fork(ANNOUNCER, args, { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  children.push(child);
  const [{ addresses, index }] = (await once(child, 'message')) as [{ addresses: string[]; index: string }];
  return { child, address: addresses[0]!, index };
}

/** A client whose time passes normally, from the moment at which the announcements were signed. */
async function client(bootstrap: string) {
  const started = performance.now();
  const now = () => START + 1 + Math.round(performance.now() - started);
  const directory = createDirectory(now, { linked: (peer) => node.linked(peer) });
  const node: Node = await createNode({
    privateKey: new Uint8Array(32).fill(1),
    listen: [],
    handlers: directoryHandlers(directory, () => null),
  });
  const addresses = async () => [bootstrap];
  const discovery: Discovery = createDiscovery({ node, directory, addresses, own: () => null, now });
  closers.push(async () => {
    await discovery.stop();
    await node.close();
  });
  await discovery.round();
  discovery.start();
  return { indexes: () => directory.offers().map(({ offer }) => offer.index) };
}

describe('providers in processes of their own', () => {
  it(
    'are found through a node they share, in one round; one that says goodbye is gone while its link stands',
    { timeout: 60_000 },
    async () => {
      const hub = await announcer(1);
      const other = await announcer(2, hub.address);
      const { indexes } = await client(hub.address);
      expect(indexes().toSorted()).toEqual([hub.index, other.index].toSorted());
      other.child.send('goodbye');
      await vi.waitFor(() => expect(indexes()).toEqual([hub.index]), { timeout: discoveryIntervalMs / 2 });
    },
  );

  it('are gone at once when they are killed', { timeout: 60_000 }, async () => {
    const hub = await announcer(1);
    const { indexes } = await client(hub.address);
    expect(indexes()).toEqual([hub.index]);
    hub.child.kill('SIGKILL');
    await vi.waitFor(() => expect(indexes()).toEqual([]), { timeout: 2_000 });
  });

  it('disappear after three silent rounds when they hang, and return when they resume', { timeout: 60_000 }, async () => {
    const hub = await announcer(1);
    const { indexes } = await client(hub.address);
    hub.child.kill('SIGSTOP');
    await vi.waitFor(() => expect(indexes()).toEqual([]), { timeout: announcementHoldsMs + 2_000, interval: 100 });
    hub.child.kill('SIGCONT');
    await vi.waitFor(() => expect(indexes()).toEqual([hub.index]), { timeout: 15_000, interval: 100 });
  });
});
