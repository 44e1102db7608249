import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { checkContents, checkDisks } from '../check/contents.ts';
import { checkBooks, checkNextQuestion, receiptsOf } from '../check/money.ts';
import { stopAll } from '../check/stops.ts';
import { createMemory, startLoad } from '../load/load.ts';
import type { RoundResult, Storm } from '../types.ts';
import { leave } from '../world/leave.ts';
import { pause } from '../world/pause.ts';
import { openProcesses } from '../world/processes.ts';
import { openTemplate } from '../world/template.ts';
import { openWorld, ROLES, startAll, type Role, type World } from '../world/world.ts';
import { checkCap } from './cap.ts';
import type { ClockParts } from './types.ts';

const shift = pathToFileURL(fileURLToPath(new URL('shift-clock.mjs', import.meta.url))).href;
const hourMs = 3_600_000;
/** Jumps in hours; each also backwards. */
const JUMPS = [0.05, 0.5, 2, 13, 26, 49, 24 * 9, 24 * 40];
/** An answer that came after the clock of its buyer was set back. It is recovered later. */
const REFUSALS = ['CLOCK_FUTURE'];
const jumpedMsMax = 2_000;
/** Until a process has read its new offset. */
const heardMs = 100;

/** Sets the clocks of single processes forward and back, under load and over restarts. */
export async function openClock(log: (line: string) => void): Promise<Storm> {
  const launcher = openProcesses();
  const template = await openTemplate(launcher);
  const env = (role: Role, folder: string) => ({ STORM_CLOCK: clockOf(folder, role), NODE_OPTIONS: `--import=${shift}` });
  return {
    async round(random) {
      const world = await openWorld(launcher, { from: template.folder, env });
      const memory = createMemory(template.content, REFUSALS);
      const capped = random.chance(0.3);
      const counts = { jumps: 0 };
      const violations = await (capped ? checkCap : storm)({ world, memory, random, set: setClock(world, counts) }).catch(
        (error: Error) => [`storm: ${error.message}`],
      );
      const result: RoundResult = {
        counts: { ...counts, ...memory.tally },
        violations: [...memory.violations, ...violations],
      };
      await leave(world, result, log);
      return result;
    },
    close: async () => {
      await template.close();
      await launcher.close();
    },
  };
}

const clockOf = (folder: string, role: Role): string => join(folder, `clock-${role}`);

function setClock(world: World, counts: { jumps: number }): ClockParts['set'] {
  return async (role: Role, hours: number): Promise<void> => {
    counts.jumps += 1;
    await writeFile(clockOf(world.folder, role), String(Math.round(hours * hourMs)));
    await pause(heardMs);
  };
}

async function storm({ world, memory, random, set }: ClockParts): Promise<string[]> {
  await startAll(world);
  const before = await receiptsOf(world);
  const role = random.pick(ROLES);
  const hours = random.pick(JUMPS) * (random.chance(0.5) ? 1 : -1);
  const restarts = random.chance(0.5);
  const load = startLoad(world, memory, random);
  try {
    await pause(random.below(jumpedMsMax));
    await set(role, hours);
    if (restarts) await restart(world, role);
    await pause(random.below(jumpedMsMax));
    await set(role, 0);
    if (restarts && random.chance(0.5)) await restart(world, role);
  } finally {
    await load.end();
  }
  const violations = [...(await checkNextQuestion(world, memory)), ...(await checkContents(world, memory))];
  violations.push(...(await checkBooks(world, memory, before)), ...(await checkDisks(world)), ...(await stopAll(world)));
  return violations.map((line) => `${role} by ${hours} hours${restarts ? ', restarted' : ''}: ${line}`);
}

async function restart(world: World, role: Role): Promise<void> {
  await world.kill(role);
  await startAll(world, [role]);
}
