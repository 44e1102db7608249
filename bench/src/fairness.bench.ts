import { join } from 'node:path';
import { alternate, median, medianRatio } from './harness.ts';
import { startRemote, type Remote } from './processes.ts';
import type {
  DataSizes,
  LoadResult,
  ProviderCalls,
  ProviderReady,
  SdkCalls,
  SdkReady,
  StrangerCalls,
  StrangerMode,
} from './relay/types.ts';
import type { Bench, BenchContext, Row } from './types.ts';

interface Sizes extends DataSizes {
  readonly milliseconds: number;
  readonly warmMilliseconds: number;
  readonly rounds: number;
  readonly counts: Readonly<Record<StrangerMode, number>>;
}

interface Network {
  readonly client: Remote<SdkReady, SdkCalls>;
  readonly stranger: Remote<null, StrangerCalls>;
  stop(): Promise<void>;
}

const IN_FLIGHT = 4;
const PRICE = '3';
const GRANT = 100_000_000n;
/** A paying client may wait at most this many times as long while a stranger attacks. */
const RATIO_MAX = 2;

/** How a stranger that pays nothing affects a client that pays, each in its own process, over libp2p TCP. */
export const fairnessBench: Bench<Sizes> = {
  name: 'fairness',
  summary: 'p99 of paid questions with and without a stranger who floods the provider',
  full: {
    vectors: 5_000,
    dimension: 384,
    clusters: 50,
    queries: 500,
    milliseconds: 4_000,
    warmMilliseconds: 6_000,
    rounds: 3,
    counts: { questions: 250, connections: 299, readers: 100 },
  },
  smoke: {
    vectors: 60,
    dimension: 384,
    clusters: 5,
    queries: 10,
    milliseconds: 150,
    warmMilliseconds: 50,
    rounds: 1,
    counts: { questions: 4, connections: 3, readers: 2 },
  },
  async run(sizes, context) {
    const network = await start(sizes, context);
    try {
      return await measure(network, sizes, context);
    } finally {
      await network.stop();
    }
  },
};

async function start(sizes: Sizes, { folder, nodeOptions, progress }: BenchContext): Promise<Network> {
  const { vectors, dimension, clusters, queries, counts } = sizes;
  const data = { vectors, dimension, clusters, queries };
  const remotes: { stop(): Promise<void> }[] = [];
  const launch = async <Ready, Calls extends Record<string, [unknown, unknown]>>(
    name: string,
    args: object,
    isOutsider = false,
  ) => {
    progress(`starting ${name}`);
    const file = new URL(`./relay/${name}-worker.ts`, import.meta.url);
    const remote = await startRemote<Ready, Calls>(file, { ...data, ...args }, nodeOptions, isOutsider);
    remotes.unshift(remote);
    return remote;
  };
  const stop = async (): Promise<void> => {
    for (const remote of remotes) await remote.stop();
  };
  try {
    const paid = { folder: join(folder, 'provider'), index: 'paid', price: PRICE, freeIndex: 'free' };
    const provider = await launch<ProviderReady, ProviderCalls>('provider', paid);
    const bootstrap = provider.ready.addresses;
    const client = await launch<SdkReady, SdkCalls>('sdk', { folder: join(folder, 'client'), bootstrap });
    const strange = { folder: join(folder, 'stranger'), bootstrap, freeIndex: 'free', counts };
    const stranger = await launch<null, StrangerCalls>('stranger', strange, true);
    await provider.call('grant', { payer: client.ready.payer, amount: GRANT });
    return { client, stranger, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function measure({ client, stranger }: Network, sizes: Sizes, { progress }: BenchContext) {
  const ask = async (milliseconds: number): Promise<LoadResult> => {
    const result = await client.call('load', { inFlight: IN_FLIGHT, milliseconds, index: 'paid' });
    if (result.failures > 0) throw new Error(`${result.failures} paid questions failed, the first with ${result.failure}`);
    return result;
  };
  const got: string[] = [];
  const beside = (mode: StrangerMode) => async (): Promise<LoadResult> => {
    await stranger.call('begin', mode);
    const result = await ask(sizes.milliseconds);
    const { answers, refusals, links } = await stranger.call('end', null);
    got.push(`${mode}: ${answers} answers, ${refusals} refusals, ${links} links`);
    progress(`${got.at(-1)}; paid p99 ${result.p99Ms.toFixed(0)} ms`);
    return result;
  };
  progress('warming up');
  await ask(sizes.warmMilliseconds);
  const sides = {
    quiet: async () => {
      const result = await ask(sizes.milliseconds);
      progress(`quiet; paid p99 ${result.p99Ms.toFixed(0)} ms`);
      return result;
    },
    questions: beside('questions'),
    connections: beside('connections'),
    readers: beside('readers'),
  };
  const found = await alternate(sizes.rounds, sides, (round) => progress(`round ${round} of ${sizes.rounds}`));
  const p99 = (side: keyof typeof sides) => found[side].map(({ p99Ms }) => p99Ms);
  const { vectors } = sizes;
  const { questions, connections, readers } = sizes.counts;
  const rows = [
    row(`paid p99 beside ${questions} free questions in flight`, p99('questions'), p99('quiet')),
    row(`paid p99 beside a stranger that wants ${connections} connections`, p99('connections'), p99('quiet')),
    row(`paid p99 beside ${readers} links that take no answers`, p99('readers'), p99('quiet')),
  ];
  const load = `${IN_FLIGHT} paid questions in flight, ${sizes.milliseconds / 1_000} s a side, ${sizes.rounds} rounds; ${vectors} vectors; the stranger's process has the lowest priority, as it stands for other machines, and dials from five addresses`;
  return { rows, notes: [load, `what the stranger got, by round: ${got.join('; ')}`] };
}

function row(what: string, ours: readonly number[], quiet: readonly number[]): Row {
  const ratio = medianRatio(ours, quiet);
  const aim = { text: `ratio <= ${RATIO_MAX}`, met: ratio <= RATIO_MAX };
  return { what, ours: median(ours), baseline: median(quiet), unit: 'ms', ratio, aim };
}
