import { median, valueRow } from '../harness.ts';
import type { Row } from '../types.ts';
import { SAMPLED, type Sample, type Sampled } from './types.ts';

/** Share of the samples before the first third: caches fill, code is compiled. */
const WARM_UP = 1 / 6;
const MEMORY_GROWTH_MAX = 1.1;
/** Connections that are open when a sample is taken are not always the same ones. */
const MORE_HANDLES_MAX = 2;
const P50_GROWTH_MAX = 1.25;
const P99_GROWTH_MAX = 1.5;
const ERROR_SHARE_MAX = 0.001;

type Pick = (sample: Sample) => number;

/** Compares the last third of the samples after a warm-up with the first: medians of each. */
export function rowsOf(samples: readonly Sample[]): Row[] {
  const warm = samples.slice(Math.floor(samples.length * WARM_UP));
  return [...answerRows(samples, warm), ...SAMPLED.flatMap((name) => processRows(name, warm))];
}

function answerRows(all: readonly Sample[], warm: readonly Sample[]): Row[] {
  const sum = (pick: Pick): number => all.reduce((total, sample) => total + pick(sample), 0);
  const answers = sum(({ interval }) => interval.answers);
  const errors = sum(({ interval }) => Object.values(interval.errors).reduce((total, count) => total + count, 0));
  return [
    valueRow('answers', '', answers),
    valueRow('errors, as a share of the questions', '', errors / (answers + errors), { atMost: ERROR_SHARE_MAX }),
    timesRow('p50', warm, ({ interval }) => interval.p50Ms, P50_GROWTH_MAX),
    timesRow('p99', warm, ({ interval }) => interval.p99Ms, P99_GROWTH_MAX),
  ];
}

function processRows(name: Sampled, warm: readonly Sample[]): Row[] {
  const of =
    (key: keyof Sample['vitals'][Sampled], unit = 1): Pick =>
    (sample) =>
      sample.vitals[name][key] / unit;
  const perHour = slope(warm.map((sample) => [sample.atMs / 3_600_000, of('anonymous', 1e6)(sample)]));
  return [
    { ...timesRow(`${name}: anonymous memory`, warm, of('anonymous', 1e6), MEMORY_GROWTH_MAX), unit: 'MB' },
    valueRow(`${name}: anonymous memory, slope`, 'MB an hour', perHour),
    { ...plainRow(`${name}: heap of the main thread`, warm, of('heap', 1e6)), unit: 'MB' },
    handlesRow(`${name}: open handles`, warm, of('handles')),
    plainRow(`${name}: threads`, warm, of('threads')),
    { ...plainRow(`${name}: delay of the main thread, p99`, warm, of('delayP99Ms')), unit: 'ms' },
    { ...plainRow(`${name}: disk`, warm, of('disk', 1e6)), unit: 'MB' },
  ];
}

function timesRow(what: string, warm: readonly Sample[], pick: Pick, atMost: number): Row {
  const row = plainRow(what, warm, pick);
  return { ...row, unit: 'ms', aim: { text: `<= ${atMost} x first`, met: row.ours <= atMost * row.baseline! } };
}

function handlesRow(what: string, warm: readonly Sample[], pick: Pick): Row {
  const row = plainRow(what, warm, pick);
  const aim = { text: `<= first + ${MORE_HANDLES_MAX}`, met: row.ours <= row.baseline! + MORE_HANDLES_MAX };
  return { ...row, aim };
}

/** Ours is the last third, the baseline the first. */
function plainRow(what: string, warm: readonly Sample[], pick: Pick): Row {
  const third = Math.max(1, Math.floor(warm.length / 3));
  const middle = (part: readonly Sample[]): number => median(part.map(pick).filter((value) => !Number.isNaN(value)));
  const [first, last] = [middle(warm.slice(0, third)), middle(warm.slice(-third))];
  return { what, ours: last, baseline: first, unit: '', ratio: null, aim: null };
}

/** Rise of the line with the least squared distance; 0 for fewer than two points. */
function slope(points: readonly (readonly [number, number])[]): number {
  const mean = (at: 0 | 1): number => points.reduce((sum, point) => sum + point[at], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  const spread = points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0);
  return spread === 0 ? 0 : points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0) / spread;
}
