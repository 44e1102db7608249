// Runs each test once as it is, noting which mutants it comes across, and then once for each of those that nothing has killed yet.
import { join } from 'node:path';
import fc from 'fast-check';
import { TestRunner, type RunnerTestCase } from 'vitest';
import { idFile, mutationOf } from './state.ts';

/** Tests slower than this say nothing about single mutants: each would take as long again. */
const slowTestMs = Number(process.env['MUTATE_SLOW_MS'] ?? 1_500);
const folder = process.env['MUTATE_OUT']!;
const mutation = mutationOf();
const killed = idFile(join(folder, 'killed'));
const met = idFile(join(folder, 'met'));

fc.configureGlobal({ numRuns: 10 });

/** What vitest takes as its runner. */
export default class MutationRunner extends TestRunner {
  async runTask(test: RunnerTestCase): Promise<void> {
    const run = TestRunner.getTestFn(test);
    mutation.met.clear();
    const from = performance.now();
    await run();
    const own = [...mutation.met].filter((id) => !killed.ids.has(id));
    for (const id of own) met.add(id);
    if (performance.now() - from > slowTestMs) return;
    for (const id of own) if (await fails(run, id)) killed.add(id);
  }
}

async function fails(run: () => unknown, id: string): Promise<boolean> {
  Object.assign(mutation, { active: id, turns: 0 });
  try {
    await run();
    return false;
  } catch {
    return true;
  } finally {
    mutation.active = null;
  }
}
