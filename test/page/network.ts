// A provider of two indexes and a gateway, for the journeys of the page: real documents, model, payments and proofs.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GatewayNode } from '@tributary/relay';
import { startNetwork, type TestNetwork } from '../_network.ts';

const HANDBOOK = `# River handbook

## Reading a gauge

A gauge reports the **water level** every fifteen minutes. Read the newest value with one request:

\`\`\`js
const reply = await fetch('https://gauges.example/delta/latest');
if (!reply.ok) {
  throw new Error('the gauge is silent');
}
const { level } = await reply.json();   // metres above the datum
\`\`\`

| level | meaning | action |
| ---: | --- | --- |
| 2.5 m | normal | none |
| 4.0 m | warning | move the boats |
| 5.5 m | flood | close the gates |

See the [list of gauges](https://gauges.example/list) and the [map](./map.md). <b>Gauges freeze</b> in hard winters.

## Closing the gates

1. Call the keeper of the lock.
2. Wait until no boat is between the gates.
3. Close the *upper* gate first, then the lower one.

${Array.from({ length: 36 }, (_, at) => `Rule ${at + 1}: note the hour and the level.`).join('\n\n')}
`;

const BIRDS: Record<string, string> = {
  'storks.md': '# Storks\n\nStorks nest on roofs near the river and return to the same nest in spring, when the flood recedes.',
  'kingfisher.md': '# Kingfishers\n\nThe kingfisher digs its nest into steep banks of the river and dives for small fish.',
};

export interface PageNetwork extends TestNetwork {
  node: GatewayNode;
}

/** The wallet of the gateway has no credit yet. */
export async function startPageNetwork(): Promise<PageNetwork> {
  const network = await startNetwork({ price: { base: '2', perResult: '1', perKiB: '0', empty: '0' } });
  const { provider, folder } = network;
  await ingest(
    'rivers',
    { 'handbook.md': HANDBOOK },
    {
      title: 'River handbook: floods, ferries and gauges',
      description: 'How the delta is watched and crossed: gauges, gates, ferries, mills and the fish of the river.',
      questions: ['when does the spring flood begin', 'how do I read a gauge', 'in which order are the gates closed'],
    },
  );
  await ingest('birds', BIRDS, {
    title: 'Birds of the delta',
    description: 'Where the birds of the delta nest, and what they eat.',
    licence: 'CC0-1.0',
    questions: ['where do storks nest'],
  });
  await provider.publish('birds');
  await provider.refreshOffers();
  return { ...network, node: await network.gateway() };

  async function ingest(name: string, documents: Record<string, string>, card: Parameters<typeof provider.openIndex>[1]) {
    const place = join(folder, `${name}-documents`);
    await mkdir(place);
    for (const [file, text] of Object.entries(documents)) await writeFile(join(place, file), text);
    const index = await provider.openIndex(name, card);
    await index.ingest([place], provider.ingestOptions(index));
  }
}
