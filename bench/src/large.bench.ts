import { rm, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { valueRow } from './harness.ts';
import type { LargeCalls, LargeReady, LargeStart } from './large/types.ts';
import { startRemote, type Remote } from './processes.ts';
import type { Bench, BenchContext, Row } from './types.ts';
import { filesIn } from './vitals.ts';

interface Sizes {
  readonly records: number;
  readonly dimension: number;
  readonly clusters: number;
  readonly questions: number;
  /** Records that are deleted and purged. */
  readonly purged: number;
  /** Records of one write beside questions. */
  readonly written: number;
  /** Questions of a recall, whose results are compared with all records. */
  readonly compared: number;
  /** Times that all records are replaced. */
  readonly rewrites: number;
}

type Process = Remote<LargeReady, LargeCalls>;

/** With the anonymous memory of the process, in bytes, that a later one is compared with. */
interface Measured {
  readonly rows: Row[];
  readonly anonymous: number;
}

/** After the first questions, so many times as many are asked of the same process. */
const WARM = 4;
const WORKER = new URL('./large/index-worker.ts', import.meta.url);

/**
 * One index of many records, through the store, in processes of its own: filled, killed, opened, asked, closed, opened
 * again with its graph and without, rewritten, emptied. Vectors are clustered, texts have twelve words, there is no
 * model. `--records NUMBER` sets the size, `--rewrites NUMBER` how often all are replaced.
 */
export const largeBench: Bench<Sizes> = {
  name: 'large',
  summary: 'memory, opening, latency, stalls, purge, rewrites and disk of one large index',
  full: {
    records: 20_000,
    dimension: 384,
    clusters: 500,
    questions: 500,
    purged: 120,
    written: 100,
    compared: 50,
    rewrites: 0,
  },
  smoke: { records: 300, dimension: 16, clusters: 10, questions: 5, purged: 10, written: 20, compared: 2, rewrites: 1 },
  async run(sizes, context) {
    const { records, dimension, clusters, rewrites } = sizes;
    const start: LargeStart = { folder: join(context.folder, 'store'), dimension, clusters };
    const open = () => startRemote<LargeReady, LargeCalls>(WORKER, start, [...context.nodeOptions, '--expose-gc']);
    const rows: Row[] = [];
    // What an hour measured is not lost with the step after it.
    const add = (more: readonly Row[]): void => {
      rows.push(...more);
      for (const { what, ours, unit } of more) context.progress(`${what}: ${ours} ${unit}`);
    };
    const wrote = await filled(await open(), sizes, context);
    add(wrote.rows);
    add(await afterKill(await open(), sizes, context));
    add(await diskRows(start.folder, records, 'disk'));
    const opened = await afterStop(await open(), sizes, context);
    add(opened.rows);
    for (const path of await filesIn(start.folder)) if (path.endsWith('/graph')) await rm(path);
    add(await withoutGraph(await open(), sizes, context));
    if (rewrites > 0) {
      add(await rewritten(await open(), sizes, context, wrote.anonymous));
      add(await diskRows(start.folder, records, `disk after ${rewrites} rewrites`));
      add(await openedAgain(await open(), sizes, opened.anonymous));
    }
    add(await emptied(await open(), sizes, context));
    return {
      rows,
      notes: [
        `${records} records of ${dimension} components, ${clusters} clusters; answers with proofs, top 10, one after the other`,
      ],
    };
  },
};

async function filled(index: Process, { records }: Sizes, { progress }: BenchContext): Promise<Measured> {
  progress(`adding ${records} records`);
  const { perSecond, worker, main } = await index.call('fill', records);
  progress('filling the graph');
  const seconds = await index.call('settle', null);
  const cpu = index.cpuMs();
  const { anonymous } = await index.call('memory', null);
  await index.kill();
  const rows = [
    valueRow('write', 'records/s', perSecond),
    valueRow('wait for the worker while writing: p99', 'ms', worker.p99),
    valueRow('wait for the worker while writing: longest', 'ms', worker.max),
    valueRow('delay of the main thread while writing: p99', 'ms', main.p99),
    valueRow('delay of the main thread while writing: longest', 'ms', main.max),
    valueRow('graph ready after the last write', 's', seconds),
    valueRow('processor time until then', 'CPU s', cpu / 1_000),
    valueRow('anonymous memory then', 'MB', anonymous / 1e6),
  ];
  return { rows, anonymous };
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

async function afterStop(index: Process, sizes: Sizes, { progress }: BenchContext): Promise<Measured> {
  const { records, dimension, questions, purged, written, compared } = sizes;
  progress('asking after a stop');
  await index.call('settle', null);
  const loaded = await index.call('memory', null);
  const quiet = await index.call('ask', questions);
  const used = await index.call('memory', null);
  const warm = await index.call('ask', WARM * questions);
  const recall = await index.call('recall', { questions: compared, records, round: 0 });
  progress('asking beside writes');
  const busy = await index.call('askBesideWrites', { questions, written });
  progress('purging');
  const purge = await index.call('purge', purged);
  await index.call('settle', null);
  await index.call('close', null);
  await index.stop();
  const rows = [
    valueRow('after a stop: first answer', 'ms', index.ready.openMs),
    valueRow('after a stop: first answer, processor time', 'CPU ms', index.ready.openCpuMs),
    valueRow('anonymous memory, open', 'MB', loaded.anonymous / 1e6),
    valueRow('anonymous memory, after questions', 'MB', used.anonymous / 1e6),
    valueRow('the same, as a multiple of the raw vectors', '', used.anonymous / (records * dimension * 4)),
    ...Object.entries(used.parts).map(([part, bytes]) => valueRow(`of it, ${part}`, 'MB', bytes / 1e6)),
    valueRow(`p50 of the first ${questions}`, 'ms', quiet.p50),
    valueRow(`p99 of the first ${questions}`, 'ms', quiet.p99),
    valueRow(`p50 of the next ${WARM * questions}`, 'ms', warm.p50),
    valueRow(`p99 of the next ${WARM * questions}`, 'ms', warm.p99),
    valueRow('recall@10', '', recall),
    valueRow('p99 beside writes', 'ms', busy.p99),
    valueRow(`delete and purge ${purged}`, 'CPU ms', purge),
  ];
  return { rows, anonymous: loaded.anonymous };
}

async function withoutGraph(index: Process, { questions, rewrites }: Sizes, { progress }: BenchContext): Promise<Row[]> {
  progress('asking without a graph file');
  const { p50, p99 } = await index.call('ask', questions);
  // Only rewrites need the graph: a million records take a quarter of an hour.
  if (rewrites > 0) await index.call('settle', null);
  await index.call('close', null);
  await index.stop();
  return [
    valueRow('without a graph file: first answer', 'ms', index.ready.openMs),
    valueRow('without a graph file: p50', 'ms', p50),
    valueRow('without a graph file: p99', 'ms', p99),
  ];
}

/** @param fresh anonymous bytes of the process that wrote the records once */
async function rewritten(index: Process, sizes: Sizes, { progress }: BenchContext, fresh: number): Promise<Row[]> {
  const { records, compared: questions, rewrites } = sizes;
  let seconds = 0;
  for (let round = 1; round <= rewrites; round += 1) {
    progress(`rewriting, round ${round}`);
    seconds += await index.call('rewrite', { records, round });
  }
  const recall = await index.call('recall', { questions, records, round: rewrites });
  const after = await index.call('memory', null);
  await index.call('close', null);
  await index.stop();
  return [
    valueRow(`${rewrites} rewrites`, 's', seconds),
    valueRow(`after ${rewrites} rewrites: recall@10`, '', recall),
    valueRow(`after ${rewrites} rewrites: memory, as a multiple of that after the first writing`, '', after.anonymous / fresh),
  ];
}

/** @param fresh anonymous bytes of a process that opened the records as they were first written */
async function openedAgain(index: Process, { rewrites }: Sizes, fresh: number): Promise<Row[]> {
  await index.call('settle', null);
  const { anonymous } = await index.call('memory', null);
  await index.call('close', null);
  await index.stop();
  return [valueRow(`after ${rewrites} rewrites: memory, opened, as a multiple of that before them`, '', anonymous / fresh)];
}

async function emptied(index: Process, { written }: Sizes, { progress }: BenchContext): Promise<Row[]> {
  progress('deleting all');
  const seconds = await index.call('deleteAll', written);
  await index.call('close', null);
  await index.stop();
  return [valueRow(`delete all, purge, add ${written}`, 's', seconds)];
}

/** Bytes a record of all files, and of each. */
async function diskRows(folder: string, records: number, what: string): Promise<Row[]> {
  const files = await Promise.all((await filesIn(folder)).map(async (path) => ({ path, bytes: (await stat(path)).size })));
  const sum = files.reduce((all, { bytes }) => all + bytes, 0);
  const large = files
    .filter(({ bytes }) => bytes > sum / 100)
    .map(({ path, bytes }) => ({ path: relative(folder, path), bytes }));
  return [
    valueRow(what, 'bytes a record', sum / records),
    ...large.map(({ path, bytes }) => valueRow(`${what}: ${path}`, 'bytes a record', bytes / records)),
  ];
}
