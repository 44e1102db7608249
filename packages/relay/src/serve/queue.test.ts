import { describe, expect, it, vi } from 'vitest';
import {
  answersAtOnceMax,
  freeAtOnceMax,
  freeBesidePaidMax,
  freeRestFactor,
  freeWaitingMax,
  paidRecentMs,
  placeMsMax,
} from './limits.ts';
import { createQueue } from './queue.ts';
import type { Asker } from './types.ts';

/** A queue whose work ends when the test says so. */
function setUp() {
  let nowMs = 0;
  const queue = createQueue(() => nowMs);
  const started: string[] = [];
  const ends = new Map<string, () => void>();
  const turn = async () => new Promise<void>((resolve) => setImmediate(resolve));
  return {
    started,
    ask: (rank: Asker['rank'], peer: string, name: string) =>
      queue.run({ rank, peer }, () => {
        started.push(name);
        return new Promise<void>((resolve) => ends.set(name, resolve));
      }),
    async end(name: string) {
      ends.get(name)!();
      await turn();
    },
    advance: (ms: number) => (nowMs += ms),
    turn,
  };
}

describe('the queue of the serve line', () => {
  it('answers the owner first, then paid questions, then free ones, with peers in turn', async () => {
    const { ask, end, started, turn } = setUp();
    for (let at = 0; at < answersAtOnceMax; at += 1) void ask('paid', 'busy', `b${at}`);
    for (let at = 0; at < 3; at += 1) void ask('free', 'flood', `f${at}`);
    void ask('free', 'guest', 'g0');
    for (let at = 0; at < 3; at += 1) void ask('paid', 'many', `m${at}`);
    void ask('paid', 'one', 'o0');
    void ask('own', 'me', 'own');
    await turn();
    expect(started).toHaveLength(answersAtOnceMax);
    for (let at = 0; at < 9; at += 1) await end(`b${at}`);
    expect(started.slice(answersAtOnceMax)).toEqual(['own', 'm0', 'o0', 'm1', 'm2', 'f0']);
    await end('f0');
    expect(started.at(-1)).toBe('g0');
  });

  it('keeps places for paid questions whatever the flood of free ones', async () => {
    const { ask, started, turn, advance, end } = setUp();
    for (let at = 0; at < 250; at += 1) void ask('free', 'flood', `f${at}`);
    await turn();
    expect(started).toHaveLength(freeAtOnceMax);
    for (let at = 0; at < answersAtOnceMax - freeAtOnceMax; at += 1) void ask('paid', 'client', `p${at}`);
    await turn();
    expect(started).toHaveLength(answersAtOnceMax);
    // While others pay, only a few free questions follow those that end.
    for (let at = 0; at < freeAtOnceMax; at += 1) await end(`f${at}`);
    expect(started).toHaveLength(answersAtOnceMax + freeBesidePaidMax);
    advance(paidRecentMs);
    await end('p0');
    expect(started.length).toBeGreaterThan(answersAtOnceMax + freeBesidePaidMax);
  });

  it('gives free questions a tenth of the time while others pay', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { ask, end, started, turn, advance } = setUp();
    void ask('paid', 'payer', 'p0');
    for (const name of ['f0', 'f1']) void ask('free', 'flood', name);
    await turn();
    expect(started).toEqual(['p0', 'f0']);
    advance(20);
    await end('f0');
    vi.advanceTimersByTime(20 * freeRestFactor - 1);
    void ask('paid', 'payer', 'p1');
    await turn();
    expect(started).toEqual(['p0', 'f0', 'p1']);
    vi.advanceTimersByTime(1);
    await turn();
    expect(started).toEqual(['p0', 'f0', 'p1', 'f1']);
    vi.useRealTimers();
  });

  it('gives the place of an index that hangs to others, once', async () => {
    vi.useFakeTimers();
    try {
      const queue = createQueue(() => 0);
      const ends: (() => void)[] = [];
      const hang = () => new Promise<void>((resolve) => ends.push(resolve));
      const stuck = Array.from({ length: answersAtOnceMax }, () => queue.run({ rank: 'paid', peer: 'a' }, hang));
      let served = 0;
      const others = Array.from({ length: 3 }, () =>
        queue.run({ rank: 'paid', peer: 'b' }, () => Promise.resolve((served += 1))),
      );
      await vi.advanceTimersByTimeAsync(placeMsMax - 1);
      expect(served).toBe(0);
      await vi.advanceTimersByTimeAsync(1);
      await Promise.all(others);
      expect(served).toBe(3);
      ends.forEach((end) => end());
      await Promise.all(stuck);
      const again = Array.from({ length: answersAtOnceMax + 1 }, () => queue.run({ rank: 'paid', peer: 'c' }, hang));
      await vi.advanceTimersByTimeAsync(0);
      expect(ends).toHaveLength(2 * answersAtOnceMax);
      ends.forEach((end) => end());
      await vi.advanceTimersByTimeAsync(0);
      ends.forEach((end) => end());
      await Promise.all(again);
    } finally {
      vi.useRealTimers();
    }
  });

  it('limits how many free questions wait, and frees a place when work fails', async () => {
    const { ask, turn } = setUp();
    for (let at = 0; at < freeAtOnceMax + freeWaitingMax; at += 1) void ask('free', `p${at}`, `f${at}`);
    await turn();
    await expect(ask('free', 'late', 'late')).rejects.toMatchObject({ code: 'OVERLOADED', retryAfterMs: expect.any(Number) });
    const queue = createQueue(() => 0);
    const fail = () => queue.run({ rank: 'paid', peer: 'p' }, () => Promise.reject(new Error('no')));
    for (let at = 0; at < 3 * answersAtOnceMax; at += 1) await expect(fail()).rejects.toThrow('no');
    expect(await queue.run({ rank: 'paid', peer: 'p' }, () => Promise.resolve('done'))).toBe('done');
  });
});
