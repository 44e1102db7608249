import { join } from 'node:path';
import { alternate, median, ratioRow, valueRow } from './harness.ts';
import { startRemote, type Remote } from './processes.ts';
import { compareBooks, type Total } from './relay/books.ts';
import type {
  DataSizes,
  GatewayCalls,
  GatewayReady,
  LoadCalls,
  LoadOptions,
  LoadResult,
  PlainReady,
  ProviderCalls,
  ProviderReady,
  SdkCalls,
  SdkReady,
} from './relay/types.ts';
import type { NodeReady } from './dropin/types.ts';
import type { Bench, BenchContext, Row } from './types.ts';

interface Sizes extends DataSizes {
  readonly milliseconds: number;
  readonly warmMilliseconds: number;
  readonly rounds: number;
  /** Also measures a free index, which needs a provider of its own. */
  readonly free: boolean;
}

interface Network {
  readonly paid: Remote<ProviderReady, ProviderCalls>;
  readonly gateway: Remote<GatewayReady, GatewayCalls>;
  readonly sdk: Remote<SdkReady, SdkCalls>;
  readonly sides: Sides;
  /** Processor time of all processes so far, including the load generator, in milliseconds. */
  cpuMs(): number;
  stop(): Promise<void>;
}

type Side = 'gateway' | 'sdk' | 'fresh' | 'node' | 'free' | 'plain' | 'plainFresh';
type Ask = (load: LoadOptions) => Promise<LoadResult>;
type Sides = Record<Exclude<Side, 'free'>, Ask> & { readonly free?: Ask };
type Measured = LoadResult & { readonly cpuMsEach: number };

const IN_FLIGHT = [1, 32];
const PRICE = 3n;
const GRANT = 100_000_000n;
const PROCESSES =
  'processes: load generator, gateway, provider; own index of a node: load generator, node; plain service in one process';

/**
 * Paid, proven and verified top-10 vector queries through a gateway, compared with one process that serves the same
 * vectors and texts by fastify and hnswlib-node without proof or payment. Each part is a process of its own. At the end
 * three sums must be equal: what the load generator was charged, what the wallets acknowledged and what the ledger
 * booked.
 */
export const relayBench: Bench<Sizes> = {
  name: 'relay',
  summary: 'paid and verified queries per second through a gateway, against fastify with hnswlib-node',
  full: {
    vectors: 20_000,
    dimension: 384,
    clusters: 200,
    queries: 500,
    milliseconds: 4_000,
    warmMilliseconds: 12_000,
    rounds: 5,
    free: true,
  },
  smoke: {
    vectors: 60,
    dimension: 384,
    clusters: 5,
    queries: 10,
    milliseconds: 150,
    warmMilliseconds: 50,
    rounds: 1,
    free: false,
  },
  async run(sizes, context) {
    const network = await start(sizes, context);
    try {
      const total = { answers: 0, charged: 0n };
      const rows: Row[] = [];
      await warm(network, sizes, context, total);
      for (const inFlight of IN_FLIGHT) rows.push(...(await measure(network, inFlight, sizes, context, total)));
      const books = await booksNote(network, total);
      return { rows, notes: [sizesNote(sizes), PROCESSES, books] };
    } finally {
      await network.stop();
    }
  },
};

async function start(sizes: Sizes, { folder, nodeOptions, progress }: BenchContext): Promise<Network> {
  const { vectors, dimension, clusters, queries } = sizes;
  const data = { vectors, dimension, clusters, queries };
  const remotes: { stop(): Promise<void> }[] = [];
  const launch = async <Ready, Calls extends Record<string, [unknown, unknown]>>(
    name: string,
    args: object,
  ): Promise<Remote<Ready, Calls>> => {
    progress(`starting ${name}`);
    const remote = await startRemote<Ready, Calls>(
      new URL(`./relay/${name}-worker.ts`, import.meta.url),
      { ...data, ...args },
      nodeOptions,
    );
    remotes.unshift(remote);
    return remote;
  };
  // Clients first, so that their servers have nothing left to finish.
  const stop = async (): Promise<void> => {
    for (const remote of remotes) await remote.stop();
  };
  try {
    const [paid, plain, load, node, free] = await Promise.all([
      launch<ProviderReady, ProviderCalls>('provider', { folder: join(folder, 'paid'), index: 'paid', price: String(PRICE) }),
      launch<PlainReady, Record<string, never>>('plain', {}),
      launch<null, LoadCalls>('load', {}),
      launch<NodeReady, Record<string, never>>('../dropin/node', { folder: join(folder, 'node'), index: 'own', written: [] }),
      sizes.free
        ? launch<ProviderReady, ProviderCalls>('provider', { folder: join(folder, 'free'), index: 'free', price: '0' })
        : null,
    ]);
    const bootstrap = [paid, free].flatMap((provider) => provider?.ready.addresses[0] ?? []);
    const [gateway, sdk] = await Promise.all([
      launch<GatewayReady, GatewayCalls>('gateway', { folder: join(folder, 'gateway'), bootstrap }),
      launch<SdkReady, SdkCalls>('sdk', { folder: join(folder, 'sdk'), bootstrap }),
    ]);
    for (const { payer } of [gateway.ready, sdk.ready]) await paid.call('grant', { payer, amount: GRANT });
    const sides: Sides = {
      gateway: (options) => load.call('load', { ...options, url: gateway.ready.url, index: 'paid' }),
      sdk: (options) => sdk.call('load', { ...options, index: 'paid' }),
      ...(free && { free: (options) => load.call('load', { ...options, url: gateway.ready.url, index: 'free' }) }),
      fresh: (options) => load.call('load', { ...options, url: gateway.ready.url, index: 'paid', fresh: true }),
      node: (options) => load.call('load', { ...options, ...node.ready }),
      plain: (options) => load.call('load', { ...options, url: plain.ready.url, index: 'plain' }),
      plainFresh: (options) => load.call('load', { ...options, url: plain.ready.url, index: 'plain', fresh: true }),
    };
    const all = [paid, plain, load, node, gateway, sdk, ...(free ? [free] : [])];
    const cpuMs = (): number => all.reduce((sum, remote) => sum + remote.cpuMs(), 0);
    return { paid, gateway, sdk, sides, cpuMs, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** It takes thousands of queries until all code of a query is compiled; until then each costs twice as much. */
async function warm({ sides }: Network, { warmMilliseconds }: Sizes, { progress }: BenchContext, total: Total): Promise<void> {
  for (const [name, side] of Object.entries(sides)) {
    progress(`warming up: ${name}`);
    await ask(name, side, { inFlight: Math.max(...IN_FLIGHT), milliseconds: warmMilliseconds }, total);
  }
}

/**
 * One run of a side. What it paid is added to `total`.
 *
 * @throws Error when a question failed
 */
async function ask(name: string, side: Ask, load: LoadOptions, total: Total): Promise<LoadResult> {
  const result = await side(load);
  if (result.failures > 0) throw new Error(`${name}: ${result.failures} questions failed, the first with ${result.failure}`);
  total.charged += result.charged;
  if (result.charged > 0n) total.answers += result.answers;
  return result;
}

async function measure(
  { sides, cpuMs }: Network,
  inFlight: number,
  sizes: Sizes,
  { progress }: BenchContext,
  total: Total,
): Promise<Row[]> {
  const run = (name: Side, milliseconds: number) => async (): Promise<Measured> => {
    const before = cpuMs();
    const result = await ask(name, sides[name]!, { inFlight, milliseconds }, total);
    return { ...result, cpuMsEach: (cpuMs() - before) / result.answers };
  };
  const names = Object.keys(sides) as Side[];
  const every = Object.fromEntries(names.map((name) => [name, run(name, sizes.milliseconds)])) as Record<
    Side,
    () => Promise<Measured>
  >;
  const found = await alternate(sizes.rounds, every, (round) =>
    progress(`${inFlight} in flight, round ${round} of ${sizes.rounds}`),
  );
  return rowsOf(found, inFlight, sides.free !== undefined);
}

function rowsOf(found: Record<Side, Measured[]>, inFlight: number, free: boolean): Row[] {
  const at = `${inFlight} in flight`;
  const aim = (ratio: number): number | null => (inFlight > 1 ? ratio : null);
  const rate = (what: string, side: Side, baseline: Side, least: number | null): Row =>
    ratioRow(
      `${what}, ${at}`,
      'queries/s',
      found[side].map((one) => one.rate),
      found[baseline].map((one) => one.rate),
      least,
    );
  const of = (side: Side, pick: (result: Measured) => number): number => median(found[side].map(pick));
  const value = (what: string, unit: string, side: Side, baseline: Side, pick: (result: Measured) => number): Row => ({
    ...valueRow(what, unit, of(side, pick)),
    baseline: of(baseline, pick),
  });
  const more = of('gateway', ({ p50Ms }) => p50Ms) - of('plain', ({ p50Ms }) => p50Ms);
  const cpu = ({ cpuMsEach }: Measured): number => cpuMsEach;
  return [
    rate('paid by gateway', 'gateway', 'plain', aim(0.4)),
    rate('paid by gateway, questions that do not repeat', 'fresh', 'plainFresh', aim(0.3)),
    rate('own index of a node', 'node', 'plain', aim(0.6)),
    rate('paid by SDK over libp2p', 'sdk', 'plain', null),
    ...(free ? [rate('free by gateway', 'free', 'plain', null)] : []),
    value(`paid by gateway, ${at}: p50`, 'ms', 'gateway', 'plain', ({ p50Ms }) => p50Ms),
    value(`paid by gateway, ${at}: p99`, 'ms', 'gateway', 'plain', ({ p99Ms }) => p99Ms),
    value(`processor time of all processes, ${at}: paid by gateway`, 'ms a query', 'gateway', 'plain', cpu),
    value(`processor time, ${at}: questions that do not repeat`, 'ms a query', 'fresh', 'plainFresh', cpu),
    value(`processor time, ${at}: own index of a node`, 'ms a query', 'node', 'plain', cpu),
    ...(inFlight === 1 ? [valueRow('p50 that the gateway adds, 1 in flight', 'ms', more, { atMost: 3 })] : []),
  ];
}

/** @throws Error when load generator, wallets and ledger differ by a single credit or receipt */
async function booksNote({ paid, gateway, sdk }: Network, total: Total): Promise<string> {
  const acknowledged = (await gateway.call('paid', null)).acknowledged + (await sdk.call('paid', null)).acknowledged;
  const { agree, words } = compareBooks(total, acknowledged, await paid.call('books', null), PRICE);
  if (!agree) throw new Error(words);
  return words;
}

function sizesNote({ vectors, dimension, clusters, milliseconds, rounds }: Sizes): string {
  return `${vectors} vectors of ${dimension} components around ${clusters} centres, texts of about 600 bytes; ${milliseconds / 1_000} s a side, ${rounds} rounds`;
}
