import '../node-gc.ts';
import { parsePolicy, silentLog, startProvider } from '@tributary/relay';
import { writeOperationsMax } from '@tributary/schemas';
import { setTimeout as delay } from 'node:timers/promises';
import { shippedModel } from '../model.ts';
import { serveRemote } from '../processes.ts';
import { makeData } from './data.ts';
import type { Books, ProviderCalls, ProviderReady, ProviderStart } from './types.ts';

const IDLE_SAMPLE_MS = 500;
const IDLE_SHARE_MAX = 0.15;

await serveRemote<ProviderStart, ProviderCalls>(async (start) => {
  const provider = await startProvider({
    dataDirectory: start.folder,
    listen: ['/ip4/127.0.0.1/tcp/0'],
    bootstrap: [],
    rendezvous: null,
    modelDirectory: shippedModel,
    policy: parsePolicy(JSON.stringify({ price: start.price, maxInFlight: 64 }), 'the policy of the benchmark'),
    log: silentLog,
  });
  const index = await provider.openIndex(start.index, {});
  const { vectors, textOf } = makeData(start);
  for (let from = 0; from < vectors.length; from += writeOperationsMax) {
    const part = vectors.slice(from, from + writeOperationsMax);
    await index.upsert(part.map((vector, at) => ({ id: `r${from + at}`, text: textOf(from + at), vector })));
  }
  await provider.publish(start.index);
  await untilIdle();
  const ready: ProviderReady = { addresses: provider.addresses() };
  return {
    ready,
    calls: {
      async grant({ payer, amount }) {
        await provider.ledger.grant({ payer, amount, note: 'benchmark' });
        return null;
      },
      books(): Books {
        const { charged, uncovered, inFlight } = provider.ledger.risk();
        return {
          charged,
          uncovered,
          inFlight,
          receipts: provider.ledger.channels().reduce((sum, { sequence }) => sum + sequence, 0),
        };
      },
    },
    close: () => provider.close(),
  };
});

/** The graph is filled in the background; what is measured is an index at rest. */
async function untilIdle(): Promise<void> {
  for (let share = 1; share > IDLE_SHARE_MAX;) {
    const before = process.cpuUsage();
    await delay(IDLE_SAMPLE_MS);
    const { user, system } = process.cpuUsage(before);
    share = (user + system) / 1_000 / IDLE_SAMPLE_MS;
  }
}
