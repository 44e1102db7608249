import type { Random } from '../../fuzz/random.ts';
import { checkContents, checkDisks, checkSold } from '../check/contents.ts';
import { checkBooks, checkNextQuestion, receiptsOf } from '../check/money.ts';
import { stopAll } from '../check/stops.ts';
import { changeFiles } from '../load/files.ts';
import { createMemory, startLoad } from '../load/load.ts';
import type { Memory } from '../load/types.ts';
import type { Storm } from '../types.ts';
import { leave } from '../world/leave.ts';
import { pause } from '../world/pause.ts';
import { openProcesses } from '../world/processes.ts';
import { openTemplate } from '../world/template.ts';
import { openWorld, startAll, type Role, type World } from '../world/world.ts';
import { drawCycle, type Cycle } from './plan.ts';

const cycles = 3;

/** Kills processes under a mixed load, restarts them, and checks what callers were promised. */
export async function openCrash(log: (line: string) => void): Promise<Storm> {
  const launcher = openProcesses();
  const template = await openTemplate(launcher);
  return {
    async round(random) {
      const world = await openWorld(launcher, { from: template.folder });
      const memory = createMemory(template.content);
      const counts = { kills: 0, 'kills while starting': 0 };
      const violations = await storm(world, memory, random, counts).catch((error: Error) => [`storm: ${error.message}`]);
      const result = { counts: { ...counts, ...memory.tally }, violations: [...memory.violations, ...violations] };
      await leave(world, result, log);
      return result;
    },
    close: async () => {
      await template.close();
      await launcher.close();
    },
  };
}

interface Counts {
  kills: number;
  'kills while starting': number;
}

async function storm(world: World, memory: Memory, random: Random, counts: Counts): Promise<string[]> {
  await startAll(world);
  const before = await receiptsOf(world);
  const violations: string[] = [];
  for (let cycle = 0; cycle < cycles && violations.length === 0; cycle += 1) {
    const plan = drawCycle(random);
    violations.push(...(await runCycle(world, memory, random, plan, counts)));
    violations.push(...(await checkNextQuestion(world, memory)));
    violations.push(...(await checkContents(world, memory)));
    violations.push(...(await checkSold(world, memory, cycle)));
    violations.push(...(await checkBooks(world, memory, before)));
    if (violations.length > 0) violations.unshift(`cycle ${cycle}: ${JSON.stringify(plan)}`);
  }
  return [...violations, ...(await checkDisks(world)), ...(await stopAll(world))];
}

async function runCycle(world: World, memory: Memory, random: Random, plan: Cycle, counts: Counts): Promise<string[]> {
  const load = startLoad(world, memory, random);
  try {
    await pause(plan.loadMs);
    for (const { role, pauseMs } of plan.kills) {
      await world.kill(role);
      counts.kills += 1;
      await pause(pauseMs);
    }
    const victims = plan.kills.map(({ role }) => role);
    if (victims.includes('provider')) await changeFiles(world, memory, random);
    await pause(plan.deadMs);
    for (const role of victims) world.spawn(role);
    if (plan.again !== null) {
      await killAtStart(world, plan.again);
      counts.kills += 1;
      counts['kills while starting'] += 1;
      world.spawn(plan.again.role);
    }
    const failed: string[] = [];
    for (const role of victims) {
      const said = await world.ready(role);
      if (said !== null) failed.push(`restart: ${role} did not start: ${said}`);
      memory.tally.restarts += 1;
    }
    await pause(plan.tailMs);
    return failed;
  } finally {
    await load.end();
  }
}

/** A provider ingests once its admin socket answers. */
async function killAtStart(world: World, { role, afterMs }: { role: Role; afterMs: number }): Promise<void> {
  const answers = () =>
    world.admin('provider', 'status').then(
      () => true,
      () => false,
    );
  while (role === 'provider' && world.running(role) !== null && !(await answers())) await pause(20);
  await pause(afterMs);
  await world.kill(role);
}
