import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg, release, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import type { Bench, BenchContext, Report, Row } from './types.ts';

/** The median; the mean of two when there is an even number, NaN for no values. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Quantile by linear interpolation between the two nearest values. */
export function quantile(values: readonly number[], share: number): number {
  if (values.length === 0) return Number.NaN;
  const sorted = values.toSorted((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const low = sorted[Math.floor(at)]!;
  return low + (sorted[Math.ceil(at)]! - low) * (at - Math.floor(at));
}

/**
 * Measures every side once per round, each round in the opposite order of the last one, so that drift on a shared
 * machine affects all sides alike. Returns the value of each round, by side.
 */
export async function alternate<Side extends string, Value>(
  rounds: number,
  sides: Readonly<Record<Side, () => Promise<Value>>>,
  onRound: (round: number) => void = () => undefined,
): Promise<Record<Side, Value[]>> {
  const names = Object.keys(sides) as Side[];
  const found = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Side, Value[]>;
  for (let round = 0; round < rounds; round += 1) {
    onRound(round + 1);
    for (const name of round % 2 === 0 ? names : names.toReversed()) found[name].push(await sides[name]());
  }
  return found;
}

/** Median over the rounds of our value divided by the baseline of the same round. */
export function medianRatio(ours: readonly number[], baseline: readonly number[]): number {
  return median(ours.map((value, at) => value / baseline[at]!));
}

/** Wall-clock milliseconds of `work`. */
export async function timed(work: () => unknown): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

/** A row that compares our rounds with rounds of a baseline. Both are in `unit`; more is better. */
export function ratioRow(
  what: string,
  unit: string,
  ours: readonly number[],
  baseline: readonly number[],
  atLeast: number | null,
): Row {
  const ratio = medianRatio(ours, baseline);
  const aim = atLeast === null ? null : { text: `ratio >= ${atLeast}`, met: ratio >= atLeast };
  return { what, ours: median(ours), baseline: median(baseline), unit, ratio, aim };
}

/** A row without a baseline. */
export function valueRow(
  what: string,
  unit: string,
  value: number,
  aim: { atLeast: number } | { atMost: number } | null = null,
): Row {
  const row = { what, ours: value, baseline: null, unit, ratio: null };
  if (aim === null) return { ...row, aim: null };
  if ('atLeast' in aim) return { ...row, aim: { text: `>= ${aim.atLeast}`, met: value >= aim.atLeast } };
  return { ...row, aim: { text: `<= ${aim.atMost}`, met: value <= aim.atMost } };
}

/** Runs a benchmark in a folder of its own, which is removed afterwards. */
export async function runBench<Sizes>(
  bench: Bench<Sizes>,
  sizes: Sizes,
  { progress, nodeOptions }: Omit<BenchContext, 'folder'>,
): Promise<Report> {
  const folder = await mkdtemp(join(tmpdir(), `tributary-bench-${bench.name}-`));
  try {
    return await bench.run(sizes, { folder, nodeOptions, progress: (line) => progress(`${bench.name}: ${line}`) });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Facts besides the code on which figures depend. */
export function machineFacts(): Record<string, string> {
  return {
    date: new Date().toISOString().slice(0, 16),
    commit: commit(),
    node: process.version,
    cpu: `${cpus()[0]?.model.trim() ?? 'unknown'}, ${availableParallelism()} cores`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    system: `${process.platform} ${release()}`,
    load: loadavg()[0]!.toFixed(1),
  };
}

function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return 'unknown';
  }
}
