import '@tributary/runtime/node-gc';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openClient, type OpenClient } from '@tributary/client';
import { serveRemote } from '../processes.ts';
import { makeData } from '../relay/data.ts';
import { watchVitals } from '../vitals.ts';
import type { VisitorCalls, VisitorStart } from './types.ts';

/** Clients of the SDK that come, ask and leave, one after the other. Each has a folder, keys and a wallet. */
await serveRemote<VisitorStart, VisitorCalls>(async ({ folder, bootstrap, ...sizes }) => {
  const { queries } = makeData(sizes);
  await mkdir(folder, { recursive: true });
  let visits = 0;
  let client: OpenClient | null = null;
  const directory = (): string => join(folder, String(visits));
  const look = watchVitals(folder);
  return {
    ready: null,
    calls: {
      async arrive() {
        visits += 1;
        client = await openClient({ directory: directory(), bootstrap });
        await client.discovery.round();
        return { payer: client.wallet.address };
      },
      async ask({ index, questions }) {
        const visiting = client!;
        let charged = 0n;
        for (let at = 0; at < questions; at += 1) {
          const vector = queries[(visits + at) % queries.length]!;
          const { answers } = await visiting.query({ index, vector, topK: 10 });
          charged += BigInt(answers[0]!.usage.charge);
        }
        const { spentToday } = await visiting.wallet.totals();
        await visiting.close();
        client = null;
        await rm(directory(), { recursive: true });
        return { answers: questions, charged, acknowledged: spentToday };
      },
      // With a first heap of 256 MB, what clients leave is not collected for an hour, and would look like a leak.
      vitals: () => {
        globalThis.gc?.();
        return look();
      },
    },
    close: async () => client?.close(),
  };
});
