import { describe, expect, it } from 'vitest';
import { manualClock } from '../testing/link-peers.ts';
import {
  strangerCallsBurst,
  strangerCallsPerSecond,
  strangersCallsBurst,
  strangersCallsPerSecond,
  strangersIdleFactor,
} from './limits.ts';
import { createStrangerPace } from './pace.ts';

/** Links that use as much as they may. */
function setUp() {
  const { clock, advance } = manualClock();
  const state = { busy: true };
  const strangers = createStrangerPace(clock, () => state.busy);
  const link = (host: string, free = () => false) => {
    const work = { done: 0 };
    const goOn = (): void => {
      while (work.done < 10_000 && pace.take()) work.done += 1;
    };
    const pace = strangers.join(host, free, goOn);
    goOn();
    return { work, pace };
  };
  const seconds = async (count: number) => {
    for (let at = 0; at < count * 20; at += 1) await advance(50);
  };
  return { state, link, seconds };
}

describe('what strangers may ask for', () => {
  it('is one budget for all links of a host', async () => {
    const { link, seconds } = setUp();
    const [one, other] = [link('6.6.6.6'), link('6.6.6.6')];
    expect([one.work.done, other.work.done]).toEqual([strangerCallsBurst, 0]);
    await seconds(10);
    expect(one.work.done + other.work.done).toBe(strangerCallsBurst + 10 * strangerCallsPerSecond);
    expect(other.work.done).toBeGreaterThan(4 * strangerCallsPerSecond);
  });

  it('is one budget for all hosts, which they share', async () => {
    const { link, seconds } = setUp();
    const hosts = Array.from({ length: 10 }, (_, at) => link(`6.6.6.${at}`));
    await seconds(10);
    const done = hosts.map(({ work }) => work.done);
    expect(done.reduce((sum, one) => sum + one, 0)).toBe(strangersCallsBurst + 10 * strangersCallsPerSecond);
    for (const one of done.slice(3)) expect(one).toBeGreaterThan(0.8 * strangersCallsPerSecond);
  });

  it('is more while nobody pays, and without bound for who paid', async () => {
    const { link, seconds, state } = setUp();
    state.busy = false;
    const one = link('6.6.6.6');
    await seconds(1);
    expect(one.work.done).toBe(strangerCallsBurst + strangersIdleFactor * strangerCallsPerSecond);
    expect(link('6.6.6.6', () => true).work.done).toBe(10_000);
  });

  it('does not grow for a stranger that changes its address', async () => {
    const { link, seconds } = setUp();
    await seconds(10);
    let done = 0;
    for (let at = 0; at < 100; at += 1) {
      const { work, pace } = link(`6.6.7.${at}`);
      await seconds(0.2);
      pace.stop();
      done += work.done;
    }
    expect(done).toBeLessThanOrEqual(strangersCallsBurst + 20 * strangersCallsPerSecond);
  });

  it('leaves a turn to a host that comes while others wait', async () => {
    const { link, seconds } = setUp();
    for (let at = 0; at < 20; at += 1) link(`6.6.6.${at}`);
    await seconds(2);
    const honest = link('1.1.1.1');
    await seconds(2);
    expect(honest.work.done).toBeGreaterThan(0);
  });

  it('does not grow for a peer that leaves and returns', async () => {
    const { link, seconds } = setUp();
    const first = link('6.6.6.6');
    first.pace.stop();
    expect(link('6.6.6.6').work.done).toBe(0);
    await seconds(60);
    expect(link('6.6.6.7').work.done).toBe(strangerCallsBurst);
  });
});
