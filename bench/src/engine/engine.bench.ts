import { join } from 'node:path';
import type { Asked, EngineCalls, EngineStart } from './types.ts';
import { openServer } from './server.ts';
import { startRemote } from '../processes.ts';
import type { Bench, BenchContext, Row } from '../types.ts';

interface Sizes {
  readonly records: number;
  readonly dimension: number;
  readonly clusters: number;
  readonly questions: number;
}

const WORKER = new URL('./index-worker.ts', import.meta.url);

/**
 * One index with its graph on pgvector, and the same in process, one after the other, each in a process of its own.
 * Answers are the owner's, from the same records. The server is at $TRIBUTARY_ENGINE_URL, else PGlite.
 */
export const engineBench: Bench<Sizes> = {
  name: 'engine',
  summary: 'an index with its graph on PostgreSQL, against the graph in process',
  full: { records: 20_000, dimension: 384, clusters: 200, questions: 500 },
  smoke: { records: 450, dimension: 16, clusters: 10, questions: 5 },
  async run(sizes, context) {
    const server = await openServer(process.env);
    try {
      const ours = await measure('on the engine', server.url, sizes, context);
      const here = await measure('in process', null, sizes, context);
      return { rows: ours.map((row, at) => compared(row, here[at]!)), notes: notesOn(sizes, server.what) };
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

async function measure(
  where: string,
  engineUrl: string | null,
  { records, questions, ...sizes }: Sizes,
  { folder, progress, nodeOptions }: BenchContext,
): Promise<Figure[]> {
  const start: EngineStart = { folder: join(folder, engineUrl === null ? 'here' : 'engine'), ...sizes, engineUrl };
  const index = await startRemote<null, EngineCalls>(WORKER, start, [...nodeOptions, '--expose-gc']);
  progress(`${where}: writing ${records} records`);
  const written = await index.call('fill', records);
  progress(`${where}: until the graph has all`);
  const settled = await index.call('settle', null);
  progress(`${where}: asking`);
  const plain = await index.call('ask', { questions, isFiltered: false });
  const memory = await index.call('anonymousBytes', null);
  const filtered = await index.call('ask', { questions, isFiltered: true });
  await index.call('close', null);
  await index.stop();
  return [
    figure('written', 's', written, true),
    figure('graph ready after the first write', 's', written + settled, true),
    ...figuresOf('no filter', plain),
    ...figuresOf('filter 1/10', filtered),
    figure('anonymous memory of the process', 'MB', memory / 1e6, true),
  ];
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
  `${records} records of ${dimension} components around ${clusters} centres; ${questions} questions; ours: ${server}; baseline: in process`,
  'recall against a comparison of every record, 100 questions',
];
