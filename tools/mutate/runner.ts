// Runs each test once unchanged and notes which mutants it meets. Then it runs the test once for each of those that
// nothing has killed yet.
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import fc from 'fast-check';
import { TestRunner, type RunnerTestCase } from 'vitest';
import { idFile, mutationOf } from './state.ts';

/** Slower tests are not run against single mutants, because each run would take as long again. */
const slowTestMs = Number(process.env['MUTATE_SLOW_MS'] ?? 1_500);
/** A test that takes longer than this plus ten times its usual duration waits for something that will not come. */
const stuckMs = 2_000;
const folder = process.env['MUTATE_OUT']!;
const mutation = mutationOf();
const killed = idFile(join(folder, 'killed'));
const met = idFile(join(folder, 'met'));

fc.configureGlobal({ numRuns: 10 });

/** The runner for vitest. */
export default class MutationRunner extends TestRunner {
  async runTask(test: RunnerTestCase): Promise<void> {
    const run = TestRunner.getTestFn(test);
    const from = performance.now();
    await run();
    const tookMs = performance.now() - from;
    if (tookMs > slowTestMs) return;
    const again = async (): Promise<void> => {
      await prepare(test);
      await run();
    };
    mutation.met.clear();
    const most = stuckMs + 10 * tookMs;
    if (await fails(again, most)) return console.log(`does not run twice: ${test.fullName}`);
    const own = [...mutation.met].filter((id) => !killed.ids.has(id));
    for (const id of own) met.add(id);
    for (const id of own) if (await fails(again, most, id)) killed.add(id);
  }
}

/** Runs the `beforeEach` of all suites around a test, the outermost first. */
async function prepare(test: RunnerTestCase): Promise<void> {
  const suites = [];
  for (let suite = test.suite; suite; suite = suite.suite) suites.unshift(suite);
  for (const suite of new Set([test.file, ...suites]))
    for (const hook of TestRunner.getSuiteHooks(suite).beforeEach) await hook(test.context, suite);
}

/** A test that waits for something that a mutant never does has failed too. */
async function fails(run: () => Promise<void>, mostMs: number, id: string | null = null): Promise<boolean> {
  Object.assign(mutation, { active: id, turns: 0 });
  const late = new AbortController();
  try {
    const running = run();
    running.catch(() => undefined);
    await Promise.race([running, pause(mostMs, null, { signal: late.signal }).then(() => Promise.reject(new Error('stuck')))]);
    return false;
  } catch {
    return true;
  } finally {
    late.abort();
    mutation.active = null;
  }
}
