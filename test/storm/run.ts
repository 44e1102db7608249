import { randomOf } from '../fuzz/random.ts';
import { openClock } from './clock/clock.ts';
import { openCrash } from './crash/crash.ts';
import { openDamage } from './damage/damage.ts';
import { openDisk } from './disk/disk.ts';
import type { OpenStorm } from './types.ts';

/** Kinds of storms, with the rounds of a run that names none. */
export const KINDS: Readonly<Record<string, { open: OpenStorm; rounds: number }>> = {
  crash: { open: openCrash, rounds: 5 },
  damage: { open: openDamage, rounds: 50 },
  disk: { open: openDisk, rounds: 6 },
  clock: { open: openClock, rounds: 6 },
};

export interface StormOptions {
  kind: string;
  seed: number;
  rounds: number;
  /** First round; not 0 to repeat a single one. */
  from?: number;
  /** Starts no further round after this many milliseconds. */
  budgetMs?: number;
  log: (line: string) => void;
}

export interface StormReport {
  rounds: number;
  /** Sums over all rounds. */
  counts: Record<string, number>;
  /** What they did together, in lines. */
  summary: string[];
  /** Commands that repeat the rounds that broke a promise, with what they broke. */
  failures: string[];
}

/** Runs the rounds of one kind. */
export async function storm({ kind, seed, rounds, from = 0, budgetMs = Infinity, log }: StormOptions): Promise<StormReport> {
  const { open } = KINDS[kind]!;
  const endsAt = performance.now() + budgetMs;
  const report: StormReport = { rounds: 0, counts: {}, summary: [], failures: [] };
  const opened = await open(log);
  try {
    for (let round = from; round < from + rounds && performance.now() < endsAt; round += 1) {
      const result = await opened.round(randomOf(seed, kind, round), round);
      report.rounds += 1;
      for (const [name, count] of Object.entries(result.counts)) report.counts[name] = (report.counts[name] ?? 0) + count;
      if (result.violations.length === 0) continue;
      const again = `npm run storm -- ${kind} --seed ${seed} --from ${round} --rounds 1`;
      const said = `${again}\n  ${result.violations.join('\n  ')}`;
      log(`storm: round ${round} broke a promise; again with: ${said}`);
      report.failures.push(said);
    }
    report.summary = opened.summary?.(report.counts) ?? Object.entries(report.counts).map(([name, count]) => `${name}: ${count}`);
    return report;
  } finally {
    await opened.close();
  }
}
