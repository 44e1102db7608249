import { setTimeout as delay } from 'node:timers/promises';

const SAMPLE_MS = 500;
const SHARE_MAX = 0.15;

/**
 * Resolves when this process is nearly idle. An index fills its graph in the background, and measurements need an idle
 * one.
 */
export async function untilIdle(): Promise<void> {
  for (let share = 1; share > SHARE_MAX;) {
    const before = process.cpuUsage();
    await delay(SAMPLE_MS);
    const { user, system } = process.cpuUsage(before);
    share = (user + system) / 1_000 / SAMPLE_MS;
  }
}
