import { join } from 'node:path';
import type { Random } from '../../fuzz/random.ts';
import { checkContents, checkDisks } from '../check/contents.ts';
import { checkBooks, checkNextQuestion, receiptsOf } from '../check/money.ts';
import { stopAll } from '../check/stops.ts';
import { mayFail } from '../load/backups.ts';
import { createMemory, startLoad } from '../load/load.ts';
import type { Memory } from '../load/types.ts';
import type { RoundResult, Storm } from '../types.ts';
import { leave } from '../world/leave.ts';
import { pause } from '../world/pause.ts';
import { copyFolder } from '../world/copy.ts';
import { openProcesses } from '../world/processes.ts';
import { openTemplate, type Template } from '../world/template.ts';
import { openWorld, startAll, type Role, type World } from '../world/world.ts';
import { checkReadOnly } from './read-only.ts';
import { largestFile, limitFiles, mountSmallDisk, type SmallDisk } from './small-disk.ts';

const diskBytes = 192 << 20;
const leftBytesMax = 96 << 10;
const beforeMsMax = 800;
const fullMsMax = 2_500;

/** What happens to whom, in turn. */
const PLANS = [
  { role: 'node', way: 'read-only' },
  { role: 'provider', way: 'full' },
  { role: 'client', way: 'read-only' },
  { role: 'node', way: 'full' },
  { role: 'provider', way: 'read-only' },
  { role: 'client', way: 'full' },
] as const satisfies { role: Role; way: 'full' | 'read-only' }[];

/** Fills the disk of one role under load, frees it, and makes it read-only. */
export async function openDisk(log: (line: string) => void): Promise<Storm> {
  const launcher = openProcesses();
  const template = await openTemplate(launcher);
  return {
    async round(random, number) {
      const { role, way: planned } = PLANS[number % PLANS.length]!;
      const disk = mountSmallDisk(diskBytes);
      if (disk === null)
        log('storm: disk: nothing may be mounted here: a limit on file sizes stands in, and read-only is skipped');
      else await copyFolder(join(template.folder, 'home', role), join(disk.folder, role));
      const place = (one: Role) => (one === role && disk !== null ? join(disk.folder, role) : null);
      const world = await openWorld(launcher, { from: template.folder, place });
      const memory = createMemory(template.content);
      const way = disk === null ? 'limit' : planned;
      const counts = { [`${way}: ${role}`]: 1 };
      const violations = await storm({ world, memory, role, disk, way, random, template }).catch((error: Error) => [
        `storm: ${error.message}`,
      ]);
      const result: RoundResult = {
        counts: { ...counts, ...memory.tally },
        violations: [...memory.violations, ...violations],
      };
      await leave(world, result, log);
      disk?.close();
      return result;
    },
    close: async () => {
      await template.close();
      await launcher.close();
    },
  };
}

interface Parts {
  world: World;
  memory: Memory;
  role: Role;
  disk: SmallDisk | null;
  way: 'full' | 'limit' | 'read-only';
  random: Random;
  template: Template;
}

async function storm(parts: Parts): Promise<string[]> {
  const { world, memory, role, way, disk, template } = parts;
  if (way === 'read-only') return checkReadOnly(world, role, disk!, template.content);
  await startAll(world);
  const before = await receiptsOf(world);
  const pid = world.running(role)!.pid;
  await fillUnderLoad(parts);
  const violations = [...(await checkNextQuestion(world, memory)), ...(await checkContents(world, memory))];
  if (world.running(role)?.pid !== pid) violations.push(`end: ${role} ended on a full disk`);
  violations.push(...(await checkBooks(world, memory, before)));
  // What is on disk now is what the next process finds.
  await world.kill(role);
  await startAll(world, [role]);
  violations.push(...(await checkNextQuestion(world, memory)), ...(await checkContents(world, memory)));
  violations.push(...(await checkBooks(world, memory, before)));
  return [...violations, ...(await checkDisks(world)), ...(await stopAll(world))];
}

async function fillUnderLoad({ world, memory, role, disk, random }: Parts): Promise<void> {
  const load = startLoad(world, memory, random);
  try {
    await pause(random.below(beforeMsMax));
    if (disk === null) limitFiles(world.running(role)!.pid, await largestFile(world.data(role)));
    else await disk.fill(random.below(leftBytesMax));
    await pause(random.below(fullMsMax));
    if (disk === null) limitFiles(world.running(role)!.pid, 'unlimited');
    else await disk.free();
  } finally {
    await load.end();
    mayFail(memory);
  }
}
