import { valueRow } from '../harness.ts';
import { compareBooks } from '../relay/books.ts';
import type { Bench, BenchContext, Row } from '../types.ts';
import { PRICE, startNetwork } from './network.ts';
import { rowsOf } from './rows.ts';
import { soak } from './sampling.ts';
import type { Network, SoakSizes } from './types.ts';

const LOAD_SHARE = 0.7;
const IN_FLIGHT = 32;

/**
 * Paid, proven and verified questions by an API key through a gateway, for half an hour, at 70 % of the rate that the
 * same run measured as its highest, with churn. Questions arrive at a fixed rate, whether or not answers are slow.
 * Memory, handles and latency of the last third are compared with those of the first, and the books at the end.
 */
export const soakBench: Bench<SoakSizes> = {
  name: 'soak',
  summary: 'memory, handles and latency at 70 % of the highest load for half an hour, with churn',
  onlyByName: true,
  full: {
    minutes: 30,
    vectors: 20_000,
    dimension: 384,
    clusters: 200,
    queries: 5_000,
    warmMilliseconds: 12_000,
    highestMilliseconds: 20_000,
    sampleMs: 10_000,
    churned: 50,
  },
  smoke: {
    minutes: 1 / 30,
    vectors: 60,
    dimension: 384,
    clusters: 5,
    queries: 10,
    warmMilliseconds: 50,
    highestMilliseconds: 300,
    sampleMs: 250,
    churned: 5,
  },
  async run(sizes, context) {
    const network = await startNetwork(sizes, context);
    try {
      const highest = await measureHighest(network, sizes, context);
      const rate = LOAD_SHARE * highest;
      const samples = await soak(network, sizes, rate, context.progress);
      const books = await booksRow(network);
      const rows = [
        valueRow(`highest rate, ${IN_FLIGHT} in flight, without churn`, 'queries/s', highest),
        valueRow('rate of the soak', 'queries/s', rate),
        ...rowsOf(samples),
        books.row,
      ];
      return { rows, notes: [...notes(sizes), `errors: ${errorsIn(samples)}`, books.words] };
    } finally {
      await network.stop();
    }
  },
};

/** Answers per second. Nothing else may run: the soak's rate follows from it. */
async function measureHighest(network: Network, sizes: SoakSizes, { progress }: BenchContext): Promise<number> {
  const { load, target, total } = network;
  let rate = 0;
  for (const milliseconds of [sizes.warmMilliseconds, sizes.highestMilliseconds]) {
    progress(`${IN_FLIGHT} in flight for ${milliseconds / 1_000} s`);
    const result = await load.call('load', { ...target, inFlight: IN_FLIGHT, milliseconds });
    if (result.failures > 0) throw new Error(`${result.failures} questions failed, the first with ${result.failure}`);
    total.answers += result.answers;
    total.charged += result.charged;
    rate = result.rate;
  }
  return rate;
}

async function booksRow({ gateway, provider, total, left }: Network): Promise<{ row: Row; words: string }> {
  const acknowledged = left.acknowledged + (await gateway.call('paid', null)).acknowledged;
  const { agree, words } = compareBooks(total, acknowledged, await provider.call('books', null), PRICE);
  return { row: { ...valueRow('books agree', '', Number(agree)), aim: { text: 'yes', met: agree } }, words };
}

function errorsIn(samples: Awaited<ReturnType<typeof soak>>): string {
  const sums: Record<string, number> = {};
  for (const { interval } of samples)
    for (const [code, count] of Object.entries(interval.errors)) sums[code] = (sums[code] ?? 0) + count;
  const words = Object.entries(sums).map(([code, count]) => `${count} ${code}`);
  return words.length === 0 ? 'none' : words.join(', ');
}

function notes({ vectors, dimension, minutes, sampleMs, churned }: SoakSizes): string[] {
  return [
    `${vectors} vectors of ${dimension} components, texts of about 600 bytes; ${minutes} minutes, a sample every ${sampleMs / 1_000} s`,
    'ours is the median of the last third, baseline that of the first, after a sixth as warm-up',
    `churn between two samples: ${churned} records removed, as many added again and replaced, a client that comes, asks and leaves; an API key at every third, a purge at every sixth`,
    'processes: load generator, gateway, provider, visiting clients; latency from when a question was due',
  ];
}
