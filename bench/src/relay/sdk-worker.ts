import '@tributary/runtime/node-gc';
import { openClient } from '@tributary/client';
import { serveRemote } from '../processes.ts';
import { makeData } from './data.ts';
import { load } from './load.ts';
import type { ClientStart, SdkCalls, SdkReady } from './types.ts';

await serveRemote<ClientStart, SdkCalls>(async (start) => {
  const client = await openClient({ directory: start.folder, bootstrap: start.bootstrap });
  await client.discovery.round();
  const { queries } = makeData(start);
  const ready: SdkReady = { payer: client.wallet.address };
  return {
    ready,
    calls: {
      paid: async () => ({ acknowledged: (await client.wallet.totals()).spentToday }),
      load: ({ index, ...options }) =>
        load(options, async (turn) => {
          const { results, answers } = await client.query({ index, vector: queries[turn % queries.length]!, topK: 10 });
          if (results.length !== 10 || !results.every(({ verified }) => verified)) throw new Error(`${results.length} results`);
          return BigInt(answers[0]!.usage.charge);
        }),
    },
    close: () => client.close(),
  };
});
