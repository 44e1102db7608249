import { createDisk } from '../virtual/disk.ts';
import { createRandom } from '../random.ts';
import { startMs } from '../virtual/globals.ts';
import type { Machine, World } from './types.ts';

/** @param died is called when a write killed the machine, which starts again `downMs` later */
export function createMachine(
  name: string,
  { plan, scheduler, faults, plant }: World,
  died: (death: { power: boolean; downMs: number }) => void,
): Machine {
  let offset = 0;
  const random = createRandom(`${plan.seed}/disk ${name}`);
  const disk = createDisk({
    random,
    sleep: scheduler.sleep,
    faults: { atWrite: () => faults.atWrite(name), crash: died },
    syncsLedger: plant?.syncsNothing !== true,
  });
  return {
    name,
    disk,
    now: () => startMs + Math.floor(scheduler.now) + offset,
    setClock: (offsetMs) => void (offset = offsetMs),
  };
}
