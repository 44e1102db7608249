import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openHttpClient } from '@tributary/client';
import { vectorToBase64url } from '@tributary/proof/primitives';
import { timed, valueRow } from './harness.ts';
import { startCommand, type Command } from './import/command.ts';
import { idOf, metadataOf, vectorOf } from './import/records.ts';
import { startRemote } from './processes.ts';
import type { Bench, BenchContext, Report } from './types.ts';
import { seeded } from './vectors.ts';

interface Sizes {
  readonly records: number;
  readonly dimension: number;
  /** Records that are compared bit by bit. */
  readonly sampled: number;
  /** Records per second of the run that is killed; null is as fast as possible. */
  readonly rate: number | null;
}

const MEGABYTE = 1_000_000;
const MEMORY_AIM = 1.5;
/** More records come from a server that makes them, so that the machine is left to the node that takes them. */
const REAL_SOURCE_MAX = 100_000;

/**
 * An index of a server of Pinecone's API, imported into another node. The import is killed after half of the records
 * and run again. Four processes: source, target, and the two runs.
 */
export const importBench: Bench<Sizes> = {
  name: 'import',
  summary: 'moving an index from a server of Pinecone’s API, killed midway: memory over raw vectors, records per second',
  full: { records: 100_000, dimension: 768, sampled: 1_000, rate: null },
  smoke: { records: 3_000, dimension: 16, sampled: 50, rate: 1_000 },
  async run(sizes, context) {
    const nodes: Command[] = [];
    const isMade = sizes.records > REAL_SOURCE_MAX;
    const made = isMade ? await startRemote<{ url: string }, Record<string, never>>(MADE, sizes) : null;
    const start = async (name: string) => {
      const node = startCommand(
        ['node', '--port', '0', '--data', join(context.folder, name)],
        envOf(context),
        context.nodeOptions,
      );
      nodes.push(node);
      return { node, url: await node.says(/^node at (\S+)$/) };
    };
    try {
      const source = made?.ready ?? (await start('source'));
      const target = await start('target');
      if (!isMade) await fill(source.url, sizes, context);
      return await measure(sizes, { source: source.url, target: target.url, node: target.node, isMade }, context);
    } finally {
      await made?.stop();
      for (const node of nodes) node.kill('SIGKILL');
      await Promise.all(nodes.map(({ ended }) => ended));
    }
  },
};

const envOf = ({ folder }: BenchContext): NodeJS.ProcessEnv => ({
  TRIBUTARY_HOME: join(folder, 'home'),
  TRIBUTARY_RENDEZVOUS: join(folder, 'rendezvous'),
  PINECONE_API_KEY: 'none',
});
const MADE = new URL('./import/source-worker.ts', import.meta.url);

async function fill(url: string, { records, dimension }: Sizes, { progress }: BenchContext): Promise<void> {
  const client = openHttpClient({ gateway: url });
  await client.createIndex({ name: 'moving', dimension, metric: 'cosine' });
  const made = function* () {
    for (let at = 0; at < records; at += 1)
      yield { id: idOf(at), vector: vectorToBase64url(vectorOf(at, dimension)), metadata: metadataOf(at) };
  };
  await client.index('moving').upsert(made(), {
    onProgress: (written) => {
      if (written % 20_000 === 0) progress(`${written} of ${records} records are in the source`);
    },
  });
}

interface Place {
  source: string;
  target: string;
  node: Command;
  /** Whether the source makes its records. */
  isMade: boolean;
}

async function measure(sizes: Sizes, { source, target, node, isMade }: Place, context: BenchContext): Promise<Report> {
  const checkpoint = join(context.folder, 'checkpoint.json');
  const args = ['import', 'pinecone', '--controller', source, '--index', 'moving', '--to', 'moving', '--gateway', target];
  const begin = (more: readonly string[]) =>
    startCommand([...args, '--checkpoint', checkpoint, '--json', ...more], envOf(context), context.nodeOptions);
  const first = begin(sizes.rate === null ? [] : ['--rate', String(sizes.rate)]);
  const half = await timed(() => untilRead(checkpoint, first, sizes.records / 2));
  first.kill('SIGKILL');
  await first.ended;
  const before = await readOf(checkpoint);
  context.progress(`killed after ${before} records`);
  const second = begin([]);
  const rest = await timed(() => second.ended);
  const { code, out } = await second.ended;
  if (code !== 0) throw new Error(`the import ended with ${code}: ${out}`);
  const report = JSON.parse(out) as { read: number; now: number; source: number };
  if (report.now !== sizes.records || report.source !== sizes.records) throw new Error(`counts differ: ${out}`);
  const equal = await countEqual(target, sizes);
  if (equal !== sizes.sampled) throw new Error(`${sizes.sampled - equal} of ${sizes.sampled} sampled records differ`);
  const raw = sizes.records * sizes.dimension * 4;
  const peak = Math.max(first.peakBytes(), second.peakBytes());
  return {
    rows: [
      valueRow('import, peak memory of the importing process', 'MB', peak / MEGABYTE),
      valueRow('import, that memory over the raw vectors', 'times', peak / raw, { atMost: MEMORY_AIM }),
      valueRow('import, peak memory of the node that takes them, over the raw vectors', 'times', node.peakBytes() / raw),
      valueRow('import, killed midway and run again', 'records/s', sizes.records / ((half + rest) / 1_000)),
    ],
    notes: [
      `${sizes.records} x ${sizes.dimension}: ${(raw / MEGABYTE).toFixed(0)} MB of raw vectors; killed after ${before} records`,
      `counts equal; ${equal} of ${sizes.sampled} sampled records equal to the bit`,
      'peak memory is VmHWM of Linux; the time of both runs has two starts of the command and the verification in it',
      `the source is ${isMade ? 'a server that makes its records' : 'a node'}; both run on the same machine, and the target builds its graph meanwhile`,
    ],
  };
}

const readOf = async (checkpoint: string): Promise<number> => {
  const text = await readFile(checkpoint, 'utf8').catch(() => '{"read":0}');
  return (JSON.parse(text) as { read: number }).read;
};

async function untilRead(checkpoint: string, { ended }: Command, wanted: number): Promise<void> {
  let isOver = false;
  void ended.then(() => (isOver = true));
  while ((await readOf(checkpoint)) < wanted) {
    if (isOver) throw new Error('the import ended before it could be killed');
    await sleep(20);
  }
}

/** How many of a sample are in the target with every bit of their vectors. */
async function countEqual(target: string, { records, dimension, sampled }: Sizes): Promise<number> {
  const random = seeded(7);
  const chosen = [...new Set(Array.from({ length: sampled * 2 }, () => Math.floor(random() * records)))].slice(0, sampled);
  const found = await openHttpClient({ gateway: target }).index('moving').fetch(chosen.map(idOf), { vectors: true });
  const bits = new Map(found.map(({ id, vector }) => [id, vector]));
  return chosen.filter((at) => bits.get(idOf(at)) === vectorToBase64url(vectorOf(at, dimension))).length;
}
