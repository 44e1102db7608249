import { join } from 'node:path';
import type { Asked, EngineCalls, EngineStart } from './types.ts';
import { openServer } from './server.ts';
import { startRemote, type Remote } from '../processes.ts';
import type { Bench, BenchContext, Row } from '../types.ts';

interface Sizes {
  readonly records: number;
  readonly dimension: number;
  readonly clusters: number;
  readonly questions: number;
}

const WORKER = new URL('./index-worker.ts', import.meta.url);

/**
 * One index with its graph in process; then opened again with its graph on pgvector, which is filled from it. Each is a
 * process of its own. Answers are the owner's, from the same records. The server is at $TRIBUTARY_ENGINE_URL, else
 * PGlite.
 */
export const engineBench: Bench<Sizes> = {
  name: 'engine',
  summary: 'an index with its graph on PostgreSQL, against the graph in process',
  full: { records: 20_000, dimension: 384, clusters: 200, questions: 500 },
  smoke: { records: 450, dimension: 16, clusters: 10, questions: 5 },
  async run(sizes, context) {
    const { dimension, clusters, records, questions } = sizes;
    const { folder, nodeOptions, progress } = context;
    const start = (engineUrl: string | null) =>
      startRemote<null, EngineCalls>(
        WORKER,
        { folder: join(folder, 'store'), dimension, clusters, engineUrl } satisfies EngineStart,
        [...nodeOptions, '--expose-gc'],
      );
    const server = await openServer(process.env);
    try {
      const here = await start(null);
      progress(`writing ${records} records`);
      const written = await here.call('fill', records);
      const baseline = await measure(here, 'in process', questions, written, progress);
      await here.call('close', null);
      await here.stop();
      const engine = await start(server.url);
      const ours = await measure(engine, 'on the engine', questions, 0, progress);
      await engine.call('remove', null);
      await engine.stop();
      return { rows: ours.map((row, at) => compared(row, baseline[at]!)), notes: notesOn(sizes, server.what) };
    } finally {
      await server.close();
    }
  },
};

/** A figure; more is better, or less. */
interface Figure {
  readonly what: string;
  readonly unit: string;
  readonly value: number;
  readonly isLessBetter: boolean;
}

/** @param seconds that writing took already */
async function measure(
  index: Remote<null, EngineCalls>,
  where: string,
  questions: number,
  seconds: number,
  progress: BenchContext['progress'],
): Promise<Figure[]> {
  progress(`${where}: until the graph has all`);
  const settled = await index.call('settle', null);
  progress(`${where}: graph ready after ${(seconds + settled).toFixed(1)} s; asking`);
  const plain = await index.call('ask', { questions, isFiltered: false });
  const memory = await index.call('anonymousBytes', null);
  const filtered = await index.call('ask', { questions, isFiltered: true });
  const figures = [
    figure('graph ready: after the first write, or copied to the engine', 's', seconds + settled, true),
    ...figuresOf('no filter', plain),
    ...figuresOf('filter 1/10', filtered),
    figure('anonymous memory of the process', 'MB', memory / 1e6, true),
  ];
  for (const { what, value, unit } of figures) progress(`${where}: ${what}: ${value} ${unit}`);
  return figures;
}

const figure = (what: string, unit: string, value: number, isLessBetter: boolean): Figure => ({
  what,
  unit,
  value,
  isLessBetter,
});

const figuresOf = (what: string, { p50, p99, perSecond, recall }: Asked): Figure[] => [
  figure(`${what}: p50`, 'ms', p50, true),
  figure(`${what}: p99`, 'ms', p99, true),
  figure(`${what}: answers, 8 in flight`, 'per second', perSecond, false),
  figure(`${what}: recall@10`, '', recall, false),
];

function compared({ what, unit, value, isLessBetter }: Figure, baseline: Figure): Row {
  const ratio = isLessBetter ? baseline.value / value : value / baseline.value;
  return { what, unit, ours: value, baseline: baseline.value, ratio, aim: null };
}

const notesOn = ({ records, dimension, clusters, questions }: Sizes, server: string): string[] => [
  `${records} records of ${dimension} components around ${clusters} centres; ${questions} questions; ours: ${server}, filled from the index; baseline: in process`,
  'recall against a comparison of every record, 100 questions',
];
