import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { campaign, kindOf, leastPlan, type Failure } from './campaign.ts';
import { drawPlan } from './plan/draw-plan.ts';
import { plants, type Plant } from './world/plants.ts';
import { runPlan } from './run.ts';
import { prepareFixtures, type Fixtures } from './fixtures.ts';
import { rememberSignatures } from './virtual/signature-memo.ts';

const usage = `npm run simulate -- [--seeds N] [--minutes M] [--first S] [--tolerate N] [--plant NAME]   runs many seeds
npm run simulate -- --seed S [--plant NAME]                               runs one, and prints what happened
plants: ${Object.keys(plants).join(', ')}`;

/** Real time between two lines of progress. */
const progressMs = 10_000;
/** Most failing seeds that are shrunk and printed. */
const shownMax = 5;

const options = readOptions();
rememberSignatures();
const fixtures = await prepareFixtures();
process.exitCode = options.seed === null ? await many(fixtures) : await one(fixtures, options.seed);

function readOptions() {
  const text = { type: 'string' } as const;
  try {
    const { values } = parseArgs({
      options: { seeds: text, minutes: text, first: text, tolerate: text, seed: text, plant: text },
    });
    const number = (name: 'seeds' | 'minutes' | 'first' | 'tolerate' | 'seed'): number | null => {
      const value = values[name];
      if (value === undefined) return null;
      if (!/^\d+(\.\d+)?$/.test(value)) throw new Error(`--${name} takes a number, not '${value}'`);
      return Number(value);
    };
    const plant = values.plant === undefined ? null : plants[values.plant];
    if (plant === undefined) throw new Error(`no plant is named '${values.plant}'`);
    const minutes = number('minutes');
    const seeds = number('seeds') ?? (minutes === null ? 1_000 : Infinity);
    return {
      seeds,
      minutes: minutes ?? Infinity,
      first: number('first') ?? randomInt(2 ** 31),
      /** Number of runs with violations that are reported but do not make the exit code 1. */
      tolerate: number('tolerate') ?? 0,
      seed: number('seed'),
      plant,
      name: values.plant,
    };
  } catch (error) {
    console.error(`simulate: ${(error as Error).message}\n${usage}`);
    process.exit(2);
  }
}

async function many(fixtures: Fixtures): Promise<number> {
  const { first, seeds, minutes, plant, name } = options;
  const begun = performance.now();
  let [told, runs, failed] = [begun, 0, 0];
  const planted = name === undefined ? '' : `, with the planted bug '${name}'`;
  console.log(`simulate: from seed ${first}, ${seeds} runs or ${minutes} minutes, whichever ends first${planted}`);
  const done = await campaign({
    fixtures,
    plant,
    first,
    seeds,
    budgetMs: minutes * 60_000,
    failuresMax: Infinity,
    onRun(seed, { violations }) {
      runs += 1;
      if (violations.length > 0) {
        failed += 1;
        console.log(`simulate: seed ${seed}: ${violations[0]}`);
      }
      if (performance.now() - told < progressMs) return;
      told = performance.now();
      console.log(`simulate: ${runs} runs, ${failed} with violations, ${((told - begun) / runs).toFixed(0)} ms each`);
    },
  });
  for (const failure of done.failures.slice(0, shownMax)) await explain(failure, fixtures, plant, name);
  const { answers, events, faultsHit, failures } = done;
  console.log(
    `simulate: seeds ${first} to ${first + done.runs - 1}: ${done.runs} runs, ${answers} answers, ${events} events, ${faultsHit} faults; ${failures.length} runs with violations`,
  );
  return failures.length > options.tolerate ? 1 : 0;
}

async function explain(
  { seed, violations }: Failure,
  fixtures: Fixtures,
  plant: Plant | null,
  name: string | undefined,
): Promise<void> {
  console.log(`\nseed ${seed}\n  ${violations.join('\n  ')}`);
  console.log(`  replay: npm run simulate -- --seed ${seed}${name === undefined ? '' : ` --plant ${name}`}`);
  const least = await leastPlan(seed, kindOf(violations[0]!), fixtures, plant);
  console.log(`  least faults: ${list(least.faults)}\n  least steps: ${list(least.steps)}`);
}

function list(items: readonly unknown[]): string {
  return items.length === 0 ? 'none' : items.map((one) => `\n    ${JSON.stringify(one)}`).join('');
}

async function one(fixtures: Fixtures, seed: number): Promise<number> {
  const plan = drawPlan(seed);
  console.log(JSON.stringify(plan, (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : value), 1));
  const { violations, hash, trace } = await runPlan(plan, fixtures, { plant: options.plant, keepTrace: true });
  console.log(trace.join('\n'));
  console.log(`trace ${hash}`);
  if (violations.length === 0) return 0;
  await explain({ seed, violations }, fixtures, options.plant, options.name);
  return 1;
}
