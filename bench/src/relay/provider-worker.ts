import '@tributary/runtime/node-gc';
import { parsePolicy, startProvider } from '@tributary/relay';
import { silentLog } from '@tributary/relay/testing';
import { writeOperationsMax } from '@tributary/schemas';
import { untilLinked } from '../indexes/linked.ts';
import { shippedModel } from '../model.ts';
import { serveRemote } from '../processes.ts';
import { watchVitals } from '../vitals.ts';
import { makeData } from './data.ts';
import type { Books, ProviderCalls, ProviderReady, ProviderStart } from './types.ts';

await serveRemote<ProviderStart, ProviderCalls>(async (start) => {
  let price = start.price;
  const provider = await startProvider({
    dataDirectory: start.folder,
    listen: ['/ip4/127.0.0.1/tcp/0'],
    bootstrap: [],
    rendezvous: null,
    modelDirectory: shippedModel,
    policy: () => parsePolicy(JSON.stringify({ price, maxInFlight: 64, unpaidPerMinute: 0 }), 'the policy of the benchmark'),
    log: silentLog,
  });
  const { vectors, textOf } = makeData(start);
  const recordOf = (at: number, round = 0) => ({
    id: `r${at}`,
    text: textOf(at + round * vectors.length),
    vector: vectors[(at + round) % vectors.length]!,
  });
  const fill = async (name: string): Promise<void> => {
    const index = await provider.openIndex(name, {});
    for (let from = 0; from < vectors.length; from += writeOperationsMax) {
      const part = vectors.slice(from, from + writeOperationsMax);
      await index.upsert(part.map((_, at) => recordOf(from + at)));
    }
    await provider.publish(name);
    await untilLinked(index);
  };
  await fill(start.index);
  price = '0';
  if (start.freeIndex !== undefined) await fill(start.freeIndex);
  const index = () => provider.store.index(start.index);
  const ready: ProviderReady = { addresses: provider.addresses() };
  return {
    ready,
    calls: {
      async grant({ payer, amount }) {
        await provider.ledger.grant({ payer, amount, note: 'benchmark' });
        return null;
      },
      books(): Books {
        const { charged, spent, uncovered, inFlight } = provider.ledger.risk();
        return {
          charged: charged + spent,
          uncovered,
          inFlight,
          receipts: provider.ledger.channels().reduce((sum, { sequence }) => sum + sequence, 0),
        };
      },
      async rewrite({ ids, round }) {
        await index().upsert(ids.map((id) => recordOf(id, round)));
        return null;
      },
      async remove({ ids }) {
        await index().delete({ ids: ids.map((id) => `r${id}`) });
        return null;
      },
      async purge() {
        await index().compact();
        return null;
      },
      vitals: watchVitals(start.folder),
    },
    close: () => provider.close(),
  };
});
