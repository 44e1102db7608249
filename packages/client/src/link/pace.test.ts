import { describe, expect, it } from 'vitest';
import { manualClock } from '../testing/link-peers.ts';
import { strangerCallsBurst, strangerCallsPerSecond, strangersCallsPerSecond, strangersIdleFactor } from './limits.ts';
import { createStrangerPace } from './pace.ts';

/** Links that want to work on as much as they may. */
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
    for (let at = 0; at < count * 5; at += 1) await advance(200);
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
    const after = hosts.map(({ work }) => work.done - strangerCallsBurst);
    expect(after.reduce((sum, done) => sum + done, 0)).toBe(10 * strangersCallsPerSecond);
    for (const done of after) expect(done).toBe(strangersCallsPerSecond);
  });

  it('is more while nobody pays, and without bound for who paid', async () => {
    const { link, seconds, state } = setUp();
    state.busy = false;
    const one = link('6.6.6.6');
    await seconds(1);
    expect(one.work.done).toBe(strangerCallsBurst + strangersIdleFactor * strangerCallsPerSecond);
    expect(link('6.6.6.6', () => true).work.done).toBe(10_000);
  });

  it('is not larger for who leaves and comes again', async () => {
    const { link, seconds } = setUp();
    const first = link('6.6.6.6');
    first.pace.stop();
    expect(link('6.6.6.6').work.done).toBe(0);
    await seconds(60);
    expect(link('6.6.6.7').work.done).toBe(strangerCallsBurst);
  });
});
