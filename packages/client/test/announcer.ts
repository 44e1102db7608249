import '@tributary/runtime/node-gc';
// A provider that only announces; the other process of discovery-processes.test.ts. On 'goodbye' from its parent it
// withdraws its offers but keeps its links.
import { createDirectory } from '../src/discovery/directory.ts';
import { createDiscovery } from '../src/discovery/discover.ts';
import { START, testProvider } from '../src/testing/announcements.ts';
import { directoryHandlers } from '../src/discovery/handlers.ts';
import { createNode, type Node } from '../src/network/libp2p-node.ts';

const [number = '1', bootstrap] = process.argv.slice(2);
const provider = testProvider(Number(number));
const now = () => START + 1;
const directory = createDirectory(now, { linked: (peer) => node.linked(peer) });
const own = () =>
  provider.announce({
    identity: { peerId: node.peerId },
    addresses: node.addresses(),
    offers: [{ index: provider.index('rivers') }],
  });
const node: Node = await createNode({
  privateKey: new Uint8Array(32).fill(100 + Number(number)),
  handlers: directoryHandlers(directory, own),
});
const discovery = createDiscovery({ node, directory, own, now, addresses: async () => (bootstrap ? [bootstrap] : []) });
await discovery.round();
discovery.start();
process.on('message', () => void discovery.stop());
process.send?.({ addresses: node.addresses(), index: provider.index('rivers') });
