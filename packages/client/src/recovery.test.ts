// When a client asks for answers that wait at their providers: at once, then at growing pauses.
import { expect, it } from 'vitest';
import type { Clock } from './clock.ts';
import { recoverEveryMs, recoverPauseMs, recoverPauseMsMax } from './kept/limits.ts';
import type { KeptAnswers } from './kept/types.ts';
import { startRecovery } from './recovery.ts';

/** A clock that runs its only timer when told to, and remembers for how long it was set. */
function stepClock() {
  let next: (() => void) | null = null;
  const pauses: number[] = [];
  const clock: Clock = {
    after(ms, run) {
      pauses.push(ms);
      next = run;
      return () => (next = null);
    },
  };
  const step = async () => {
    const run = next;
    next = null;
    run?.();
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  };
  return { clock, pauses, step };
}
const payer = (waiting: () => number) => ({
  wallet: { waiting: () => Array.from({ length: waiting() }, () => ({ payee: {} as never })) },
  kept: {} as KeptAnswers,
});

it('looks every few seconds, and asks where something waits', async () => {
  const { clock, pauses, step } = stepClock();
  let waiting = 0;
  const asked: unknown[] = [];
  const [busy, idle] = [payer(() => waiting), payer(() => 0)];
  startRecovery(
    async () => [busy, idle],
    async (one) => (asked.push(one), (waiting = 0)),
    clock,
  );
  await step();
  expect(asked).toEqual([]);
  waiting = 1;
  await step();
  expect(asked).toEqual([busy]);
  await step();
  expect(asked).toHaveLength(1);
  expect(pauses).toEqual([recoverPauseMs, recoverEveryMs, recoverEveryMs, recoverEveryMs]);
});

it('asks less often than a provider repeats an answer, as long as it keeps it', async () => {
  const { clock, pauses, step } = stepClock();
  let asked = 0;
  const failing = async () => {
    asked += 1;
    throw new Error('unreachable');
  };
  startRecovery(async () => [payer(() => 1)], failing, clock);
  while (pauses.reduce((sum, pause) => sum + pause, 0) < 600_000) await step();
  expect(asked).toBeGreaterThan(8);
  expect(asked).toBeLessThan(32);
  expect(Math.max(...pauses)).toBe(recoverPauseMsMax);
});

it('goes on after a failure, until it is stopped', async () => {
  const { clock, pauses, step } = stepClock();
  const recovery = startRecovery(
    async () => Promise.reject(new Error('damaged')),
    async () => undefined,
    clock,
  );
  await step();
  await step();
  expect(pauses).toHaveLength(3);
  await recovery.stop();
  await step();
  expect(pauses).toHaveLength(3);
});
