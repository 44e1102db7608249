import { alternate, ratioRow } from '../harness.ts';
import { startRemote } from '../processes.ts';
import type { GcCalls, GcStart } from './types.ts';
import type { Bench, BenchContext } from '../types.ts';

interface Sizes {
  readonly milliseconds: number;
  readonly rounds: number;
  readonly liveObjects: number;
}

/** Below this ratio the setting is not needed any more. */
const STILL_NEEDED = 1.1;
const FLAG = '--scavenger-max-new-space-capacity-mb=8';

/**
 * Shows whether Node still needs the setting of `runtime/node-gc.ts`: a link between two processes with questions of 1
 * KB, answers of 8 KB, 64 in flight and 150 MB of live objects. Without the setting, Node 24 then spends its time in
 * full collections.
 */
export const gcBench: Bench<Sizes> = {
  name: 'gc',
  summary: 'questions per second over a link with and without the Buffer setting of runtime/node-gc.ts',
  full: { milliseconds: 4_000, rounds: 5, liveObjects: 1_500_000 },
  smoke: { milliseconds: 50, rounds: 1, liveObjects: 1_000 },
  async run(sizes, context) {
    const found = await alternate(
      sizes.rounds,
      { with: () => rate([FLAG], sizes, context), without: () => rate([], sizes, context) },
      (round) => context.progress(`round ${round} of ${sizes.rounds}`),
    );
    const row = ratioRow('link with the setting, against without', 'questions/s', found.with, found.without, null);
    const needed = row.ratio! >= STILL_NEEDED;
    const verdict = needed
      ? 'the setting is still needed'
      : `the setting is not needed any more: below ${STILL_NEEDED} it can go`;
    return {
      rows: [row],
      notes: [`Node ${process.version}: ${verdict}`, `median of ${sizes.rounds} rounds, each with new processes`],
    };
  },
};

async function rate(flags: string[], { milliseconds, liveObjects }: Sizes, { nodeOptions }: BenchContext): Promise<number> {
  const file = new URL('./link-worker.ts', import.meta.url);
  const options = [...flags, ...nodeOptions];
  const server = await startRemote<{ address: string }, GcCalls>(file, { address: null, liveObjects } satisfies GcStart, options);
  try {
    const asker = await startRemote<null, GcCalls>(
      file,
      { address: server.ready.address, liveObjects } satisfies GcStart,
      options,
    );
    try {
      await asker.call('ask', { milliseconds: milliseconds / 4 });
      return await asker.call('ask', { milliseconds });
    } finally {
      await asker.stop();
    }
  } finally {
    await server.stop();
  }
}
