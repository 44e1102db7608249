// The simulation itself: equal seeds run equally, and a bug that is put in is found.
import { beforeAll, expect, it } from 'vitest';
import { campaign, leastPlan } from '../src/campaign.ts';
import { drawPlan } from '../src/plan.ts';
import { plants } from '../src/plants.ts';
import { runPlan } from '../src/run.ts';
import { prepareShelf, type Shelf } from '../src/shelf.ts';

let shelf: Shelf;
beforeAll(async () => {
  shelf = await prepareShelf();
});

it('runs a seed the same way each time, to the last event', async () => {
  for (const seed of [1, 2, 3, 4, 5]) {
    const [first, second] = [await runPlan(drawPlan(seed), shelf), await runPlan(drawPlan(seed), shelf)];
    expect(second.hash).toBe(first.hash);
    expect(first.facts.events).toBeGreaterThan(100);
  }
  expect((await runPlan(drawPlan(6), shelf)).hash).not.toBe((await runPlan(drawPlan(7), shelf)).hash);
});

it('finds a deleted sync of the ledger, and shrinks what it takes', async () => {
  const plant = plants['ledger-sync']!;
  const found = await campaign({ shelf, plant, first: 1, seeds: 1_000, budgetMs: 60_000, failuresMax: 1 });
  const [failure] = found.failures;
  expect(failure).toBeDefined();
  const least = await leastPlan(failure!.seed, failure!.violations[0]!.split(':')[0]!, shelf, plant);
  expect(least.faults.length).toBeLessThanOrEqual(drawPlan(failure!.seed).faults.length);
});
