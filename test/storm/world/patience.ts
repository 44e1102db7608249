import { readdirSync, readFileSync } from 'node:fs';

/**
 * How long a process had the processor, or waited for something else, in milliseconds: the time that passed without the
 * time in which it was ready to run and others ran. On a machine in use a process that only waits for its turn is not
 * taken for one that hangs.
 */
export interface Patience {
  usedMs(): number;
}

export function createPatience(pid: number): Patience {
  const begun = performance.now();
  const before = waitedMs(pid);
  let waited = 0;
  return {
    usedMs() {
      for (const [thread, ms] of waitedMs(pid)) waited = Math.max(waited, ms - (before.get(thread) ?? 0));
      return performance.now() - begun - waited;
    },
  };
}

/**
 * How long each thread of a process was ready to run and did not, in milliseconds (Documentation/scheduler/sched-stats
 * of Linux). Empty where the system does not tell.
 */
function waitedMs(pid: number): Map<string, number> {
  const threads = new Map<string, number>();
  try {
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      const [, waitedNs = '0'] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ');
      threads.set(thread, Number(waitedNs) / 1e6);
    }
  } catch {
    // A thread or the process has ended, or this is not Linux.
  }
  return threads;
}
