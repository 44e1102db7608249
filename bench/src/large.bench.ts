import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { valueRow } from './harness.ts';
import type { LargeCalls, LargeReady, LargeStart } from './large/types.ts';
import { startRemote, type Remote } from './processes.ts';
import type { Bench, BenchContext, Row } from './types.ts';

interface Sizes {
  readonly records: number;
  readonly dimension: number;
  readonly clusters: number;
  readonly questions: number;
  /** Records that are deleted and purged. */
  readonly purged: number;
  /** Records of one write beside questions. */
  readonly written: number;
}

type Process = Remote<LargeReady, LargeCalls>;

const WORKER = new URL('./large/index-worker.ts', import.meta.url);

/**
 * One index of many records, through the store, in processes of its own: filled, killed, opened, asked, closed, opened
 * again. Vectors are clustered, texts have twelve words, there is no model. `--records NUMBER` sets the size.
 */
export const largeBench: Bench<Sizes> = {
  name: 'large',
  summary: 'memory, opening, latency, purge and disk of one large index',
  full: { records: 20_000, dimension: 384, clusters: 500, questions: 500, purged: 120, written: 100 },
  smoke: { records: 300, dimension: 16, clusters: 10, questions: 5, purged: 10, written: 20 },
  async run(sizes, context) {
    const { records, dimension, clusters } = sizes;
    const start: LargeStart = { folder: join(context.folder, 'store'), dimension, clusters };
    const open = () => startRemote<LargeReady, LargeCalls>(WORKER, start, [...context.nodeOptions, '--expose-gc']);
    const rows = [
      ...(await filled(await open(), sizes, context)),
      ...(await afterKill(await open(), sizes, context)),
      ...(await afterStop(await open(), sizes, context)),
    ];
    const bytes = await bytesIn(start.folder);
    rows.push(valueRow('disk', 'bytes a record', bytes / records));
    return {
      rows,
      notes: [
        `${records} records of ${dimension} components, ${clusters} clusters; answers with proofs, top 10, one after the other`,
      ],
    };
  },
};

async function filled(index: Process, { records }: Sizes, { progress }: BenchContext): Promise<Row[]> {
  progress(`adding ${records} records`);
  const rate = await index.call('fill', records);
  progress('filling the graph');
  const seconds = await index.call('settle', null);
  await index.kill();
  return [valueRow('write', 'records/s', rate), valueRow('graph ready after the last write', 's', seconds)];
}

async function afterKill(index: Process, { questions }: Sizes, { progress }: BenchContext): Promise<Row[]> {
  progress('asking after a kill');
  const { p50, p99 } = await index.call('ask', questions);
  const seconds = await index.call('settle', null);
  await index.call('close', null);
  await index.stop();
  return [
    valueRow('after a kill: first answer', 'ms', index.ready.openMs),
    valueRow('after a kill: first answer, processor time', 'CPU ms', index.ready.openCpuMs),
    valueRow('after a kill: p50', 'ms', p50),
    valueRow('after a kill: p99', 'ms', p99),
    valueRow('after a kill: graph ready', 's', seconds),
  ];
}

async function afterStop(index: Process, sizes: Sizes, { progress }: BenchContext): Promise<Row[]> {
  const { records, dimension, questions, purged, written } = sizes;
  const raw = records * dimension * 4;
  progress('asking after a stop');
  await index.call('settle', null);
  const loaded = await index.call('anonymousBytes', null);
  const quiet = await index.call('ask', questions);
  const used = await index.call('anonymousBytes', null);
  progress('asking beside writes');
  const busy = await index.call('askBesideWrites', { questions, written });
  progress('purging');
  const purge = await index.call('purge', purged);
  await index.call('settle', null);
  await index.call('close', null);
  await index.stop();
  return [
    valueRow('after a stop: first answer', 'ms', index.ready.openMs),
    valueRow('after a stop: first answer, processor time', 'CPU ms', index.ready.openCpuMs),
    valueRow('anonymous memory, open', 'MB', loaded / 1e6),
    valueRow('anonymous memory, after questions', 'MB', used / 1e6),
    valueRow('the same, as a multiple of the raw vectors', '', used / raw),
    valueRow('p50', 'ms', quiet.p50),
    valueRow('p99', 'ms', quiet.p99),
    valueRow('p99 beside writes', 'ms', busy.p99),
    valueRow(`delete and purge ${purged}`, 'CPU ms', purge),
  ];
}

async function bytesIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(files.map(async (entry) => (await stat(join(entry.parentPath, entry.name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}
