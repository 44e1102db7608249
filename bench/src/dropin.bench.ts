import { join } from 'node:path';
import { alternate, ratioRow } from './harness.ts';
import { startRemote, type Remote } from './processes.ts';
import { hasChroma } from './dropin/chroma.ts';
import type { AppCalls, AppLoad, ChromaReady, NodeReady, What } from './dropin/types.ts';
import type { DataSizes, LoadResult, PlainReady } from './relay/types.ts';
import type { Bench, BenchContext, Row } from './types.ts';

interface Sizes extends DataSizes {
  /** Vectors of one upsert. */
  readonly batch: number;
  readonly milliseconds: number;
  readonly warmMilliseconds: number;
  readonly rounds: number;
}

interface Parts {
  readonly node: Remote<NodeReady, Record<string, never>>;
  readonly plain: Remote<PlainReady, Record<string, never>>;
  /** Null where its command is missing. */
  readonly chroma: Remote<ChromaReady, Record<string, never>> | null;
  readonly app: Remote<null, AppCalls>;
  stop(): Promise<void>;
}

const IN_FLIGHT = [1, 32];
const ASKED = 'asked';
const WRITTEN = { pinecone: 'written-pinecone', native: 'written-native' };

/** Where each kind of load goes. */
const SIDES: Readonly<Record<string, { what: What; index: keyof typeof PLACES }>> = {
  'pinecone query': { what: 'query by the client of Pinecone', index: 'name' },
  'native query': { what: 'query by HTTP', index: 'name' },
  'pinecone upsert': { what: 'upsert by the client of Pinecone', index: 'pinecone' },
  'native upsert': { what: 'upsert by the SDK', index: 'native' },
  'node /query': { what: 'bare /query', index: 'id' },
  'node /v1/query': { what: 'bare /v1/query', index: 'name' },
  'plain /query': { what: 'bare /query', index: 'none' },
};
const CHROMA = 'chroma query';
const PLACES = {
  name: () => ASKED,
  id: ({ index }: NodeReady) => encodeURIComponent(index),
  pinecone: () => WRITTEN.pinecone,
  native: () => WRITTEN.native,
  none: () => '',
};

/** Each row: ours, what it is compared with, the unit, and the aim. */
type Compared = readonly [what: string, ours: string, baseline: string, unit: string, atLeast: number | null];
const ROWS: readonly Compared[] = [
  ["query by Pinecone's client, against native HTTP", 'pinecone query', 'native query', 'queries/s', 0.8],
  ["upsert by Pinecone's client, against the SDK", 'pinecone upsert', 'native upsert', 'upserts/s', 0.8],
  ['/query of a node, against fastify and hnswlib-node', 'node /query', 'plain /query', 'queries/s', 0.6],
  ['/v1/query of a node, against the same', 'node /v1/query', 'plain /query', 'queries/s', null],
];

const CHROMA_ROW: Compared = ["/query of a node, against Chroma's server", 'node /query', CHROMA, 'queries/s', 1];

/**
 * A private index of a node: through the newest client of Pinecone and natively, against one process of fastify
 * and hnswlib-node with the same vectors and texts, and against Chroma's server where it is installed.
 */
export const dropinBench: Bench<Sizes> = {
  name: 'dropin',
  summary: "a private index through Pinecone's client, natively, and against fastify with hnswlib-node",
  full: {
    vectors: 20_000,
    dimension: 384,
    clusters: 200,
    queries: 500,
    batch: 100,
    milliseconds: 3_000,
    warmMilliseconds: 6_000,
    rounds: 5,
  },
  smoke: {
    vectors: 60,
    dimension: 8,
    clusters: 5,
    queries: 10,
    batch: 5,
    milliseconds: 100,
    warmMilliseconds: 50,
    rounds: 1,
  },
  async run(sizes, context) {
    const parts = await start(sizes, context);
    try {
      for (const name of sidesOf(parts)) {
        context.progress(`warming up: ${name}`);
        await ask(parts, name, Math.max(...IN_FLIGHT), sizes.warmMilliseconds);
      }
      const rows: Row[] = [];
      for (const inFlight of IN_FLIGHT) rows.push(...(await measure(parts, inFlight, sizes, context)));
      const missing =
        parts.chroma === null ? ["Chroma's server: not measured, its command is missing (pip install chromadb)"] : [];
      return { rows, notes: [sizesNote(sizes), ...missing] };
    } finally {
      await parts.stop();
    }
  },
};

async function start(sizes: Sizes, { folder, nodeOptions, progress }: BenchContext): Promise<Parts> {
  const { vectors, dimension, clusters, queries, batch } = sizes;
  const data = { vectors, dimension, clusters, queries };
  const remotes: { stop(): Promise<void> }[] = [];
  const launch = async <Ready, Calls extends Record<string, [unknown, unknown]>>(
    file: string,
    args: object,
  ): Promise<Remote<Ready, Calls>> => {
    progress(`starting ${file}`);
    const remote = await startRemote<Ready, Calls>(new URL(file, import.meta.url), { ...data, ...args }, nodeOptions);
    remotes.unshift(remote);
    return remote;
  };
  const stop = async (): Promise<void> => {
    for (const remote of remotes) await remote.stop();
  };
  try {
    const place = { folder: join(folder, 'node'), index: ASKED, written: Object.values(WRITTEN) };
    const node = await launch<NodeReady, Record<string, never>>('./dropin/node-worker.ts', place);
    const plain = await launch<PlainReady, Record<string, never>>('./relay/plain-worker.ts', {});
    const chroma = hasChroma()
      ? await launch<ChromaReady, Record<string, never>>('./dropin/chroma-worker.ts', { folder: join(folder, 'chroma') })
      : null;
    const app = await launch<null, AppCalls>('./dropin/app-worker.ts', { batch });
    return { node, plain, chroma, app, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** @throws Error when a call failed */
async function ask(parts: Parts, name: string, inFlight: number, milliseconds: number): Promise<LoadResult> {
  const result = await parts.app.call('load', { ...placeOf(parts, name), inFlight, milliseconds });
  if (result.failures > 0) throw new Error(`${name}: ${result.failures} calls failed, the first with ${result.failure}`);
  return result;
}

/** Names of the sides that are there. */
const sidesOf = ({ chroma }: Parts): string[] => [...Object.keys(SIDES), ...(chroma === null ? [] : [CHROMA])];

function placeOf({ node, plain, chroma }: Parts, name: string): Pick<AppLoad, 'what' | 'url' | 'key' | 'index'> {
  if (name === CHROMA && chroma !== null)
    return { what: 'query of Chroma', url: chroma.ready.url, key: '', index: chroma.ready.path };
  const { what, index } = SIDES[name]!;
  const { url } = index === 'none' ? plain.ready : node.ready;
  return { what, url, key: node.ready.key, index: PLACES[index](node.ready) };
}

async function measure(
  parts: Parts,
  inFlight: number,
  { milliseconds, rounds }: Sizes,
  { progress }: BenchContext,
): Promise<Row[]> {
  const sides = Object.fromEntries(sidesOf(parts).map((name) => [name, () => ask(parts, name, inFlight, milliseconds)]));
  const found = await alternate(rounds, sides, (round) => progress(`${inFlight} in flight, round ${round} of ${rounds}`));
  const rates = (name: string): number[] => found[name]!.map(({ rate }) => rate);
  const rows = parts.chroma === null ? ROWS : [...ROWS, CHROMA_ROW];
  return rows.map(([what, ours, baseline, unit, atLeast]) =>
    ratioRow(`${what}, ${inFlight} in flight`, unit, rates(ours), rates(baseline), atLeast),
  );
}

function sizesNote({ vectors, dimension, batch, milliseconds, rounds }: Sizes): string {
  return `${vectors} vectors of ${dimension} components, texts of about 600 bytes, ${batch} vectors an upsert; ${milliseconds / 1_000} s a side, ${rounds} rounds; node with a key`;
}
