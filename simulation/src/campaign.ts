import { drawPlan } from './plan/draw-plan.ts';
import type { Plan } from './plan/types.ts';
import type { Plant } from './world/plants.ts';
import { runPlan, type RunOutcome } from './run.ts';
import type { Fixtures } from './fixtures.ts';
import { shrink } from './shrink.ts';

export interface CampaignOptions {
  readonly fixtures: Fixtures;
  readonly plant?: Plant | null;
  readonly first: number;
  readonly seeds: number;
  /** Starts no further seed after this many real milliseconds. */
  readonly budgetMs: number;
  /** Stops after this many failing seeds. */
  readonly failuresMax: number;
  /** Called after each run. */
  onRun?(seed: number, outcome: RunOutcome): void;
}

export interface Failure {
  readonly seed: number;
  readonly violations: readonly string[];
}

export interface Campaign {
  readonly runs: number;
  readonly answers: number;
  readonly events: number;
  readonly faultsHit: number;
  readonly failures: readonly Failure[];
}

/** Runs one seed after another. Time is real here: it limits how many seeds run, but never what happens in a run. */
export async function campaign(options: CampaignOptions): Promise<Campaign> {
  const { fixtures, plant = null, first, seeds, budgetMs, failuresMax } = options;
  const endsAt = performance.now() + budgetMs;
  const failures: Failure[] = [];
  let [runs, answers, events, faultsHit] = [0, 0, 0, 0];
  for (let seed = first; seed < first + seeds && performance.now() < endsAt && failures.length < failuresMax; seed += 1) {
    const outcome = await runPlan(drawPlan(seed), fixtures, { plant });
    runs += 1;
    answers += outcome.facts.answers;
    events += outcome.facts.events;
    faultsHit += outcome.facts.faultsHit;
    if (outcome.violations.length > 0) failures.push({ seed, violations: outcome.violations });
    options.onRun?.(seed, outcome);
  }
  return { runs, answers, events, faultsHit, failures };
}

/** The smallest part of a failing plan that shows the same kind of violation. */
export function leastPlan(seed: number, kind: string, fixtures: Fixtures, plant: Plant | null): Promise<Plan> {
  return shrink(drawPlan(seed), async (plan) =>
    (await runPlan(plan, fixtures, { plant })).violations.some((one) => kindOf(one) === kind),
  );
}

/** The part before the colon names the broken promise. */
export const kindOf = (violation: string): string => violation.split(':')[0]!;
