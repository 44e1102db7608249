import { TributaryError } from '@tributary/schemas';
import { expect, it } from 'vitest';
import { importAttemptsMax, importRetryMsMax } from './limits.ts';
import { patiently } from './retry.ts';

const busy = (retryAfterMs: number | null = null) => new TributaryError('RATE_LIMITED', 'slow down', { retryAfterMs });
function patience(signal = new AbortController().signal) {
  const pauses: number[] = [];
  return { signal, pauses, onPause: () => undefined, random: () => 0.5, pause: async (ms: number) => void pauses.push(ms) };
}
const failing = (times: number, error: Error) => {
  let calls = 0;
  return async () => {
    calls += 1;
    if (calls <= times) throw error;
    return calls;
  };
};

it('repeats with growing pauses, and keeps a pause that is asked for', async () => {
  const growing = patience();
  expect(await patiently(failing(3, busy()), growing)).toBe(4);
  expect(growing.pauses).toEqual([500, 1_000, 2_000]);
  const asked = patience();
  expect(await patiently(failing(2, busy(1_500)), asked)).toBe(3);
  expect(asked.pauses).toEqual([1_500, 1_500]);
});
it('gives up in the end, and never waits longer than a bound', async () => {
  const waits = patience();
  await expect(patiently(failing(100, busy(10 * importRetryMsMax)), waits)).rejects.toThrow('slow down');
  expect(waits.pauses).toEqual(Array(importAttemptsMax - 1).fill(importRetryMsMax));
});
it('gives up after as many attempts as it may make', async () => {
  const few = patience();
  await expect(patiently(failing(100, busy()), { ...few, attempts: 3 })).rejects.toThrow('slow down');
  expect(few.pauses).toEqual([500, 1_000]);
});
it('does not repeat what would fail again, nor after a stop', async () => {
  const waits = patience(AbortSignal.abort());
  await expect(patiently(failing(1, busy()), waits)).rejects.toThrow('slow down');
  await expect(patiently(failing(1, new TributaryError('API_KEY_SCOPE', 'no')), patience())).rejects.toThrow('no');
  await expect(patiently(failing(1, new Error('a fault')), patience())).rejects.toThrow('a fault');
  expect(waits.pauses).toEqual([]);
});
