import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Random } from '../../fuzz/random.ts';
import type { RoundResult, Storm } from '../types.ts';
import { leave } from '../world/leave.ts';
import { openHosts } from '../world/hosts.ts';
import type { Launcher } from '../world/running.ts';
import { openWorld, ROLES, type Role, type World } from '../world/world.ts';
import { readFacts, type Facts } from './facts.ts';
import { judgeFacts, judgeRefusal, type Verdict } from './judge.ts';
import { kindsIn, type Place } from './kinds.ts';
import { spoil, waysOf } from './spoil.ts';
import { tableOf } from './table.ts';
import { openStates, type States } from './states.ts';
import { use } from './use.ts';

/** A folder state with what its roles say of it. */
interface Ground {
  folder: string;
  kinds: [kind: string, places: Place[]][];
  facts: Readonly<Record<Role, Facts>>;
}

/** Damages one file or folder of a stopped or killed world, opens it, and uses it. */
export async function openDamage(log: (line: string) => void): Promise<Storm> {
  const launcher = openHosts();
  const states = await openStates(launcher);
  const grounds = [await survey(launcher, states, states.stopped), await survey(launcher, states, states.killed)];
  return {
    round: (random, number) => damage(launcher, states, { ground: random.pick(grounds), random, number }, log),
    summary: (counts) =>
      tableOf(
        grounds.flatMap(({ kinds }) => kinds.map(([kind]) => kind)),
        counts,
      ),
    close: async () => {
      await states.close();
      await launcher.close();
    },
  };
}

async function survey(launcher: Launcher, { content }: States, folder: string): Promise<Ground> {
  const facts: Record<string, Facts> = {};
  for (const role of ROLES) {
    const world = await openWorld(launcher, { from: folder });
    try {
      const said = await world.start(role);
      if (said !== null) throw new Error(`${role} does not start undamaged: ${said}`);
      facts[role] = await readFacts(world, role, content);
      await world.stop(role);
    } finally {
      await world.close();
    }
  }
  const kinds = [...(await kindsIn(folder))].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return { folder, kinds, facts: facts as Ground['facts'] };
}

async function damage(
  launcher: Launcher,
  states: States,
  { ground, random, number }: { ground: Ground; random: Random; number: number },
  log: (line: string) => void,
): Promise<RoundResult> {
  const [kind, places] = inTurn(ground.kinds, number);
  const place = random.pick(places);
  const world = await openWorld(launcher, { from: ground.folder });
  const way = random.pick(await waysOf(place, world.folder, states.older));
  const what = await spoil(place, way, world.folder, states.older, random);
  const verdict = await judge(world, place, states, ground).catch((error: Error): Verdict => {
    return { outcome: 'broken', reasons: [`storm: ${error.message}`] };
  });
  const { outcome, reasons } = verdict;
  const result: RoundResult = {
    counts: { [`${kind}: ${way}`]: 1, [`${kind}: ${outcome}`]: 1 },
    violations: outcome === 'broken' ? [`${kind}: ${place.path}: ${what}`, ...reasons] : [],
  };
  await leave(world, result, log);
  return result;
}

/** Who else takes part in what a role does. */
const PARTNERS: Readonly<Record<Role, readonly Role[]>> = {
  provider: ['node', 'client'],
  node: ['provider'],
  client: ['provider'],
};

/** Every kind equally often; a few rounds in a row are of different roles. */
function inTurn<T>(all: readonly T[], number: number): T {
  const step = STEPS.find((one) => all.length % one !== 0) ?? 1;
  return all[(number * step) % all.length]!;
}
/** Primes: a step that does not divide the number of kinds visits all of them. */
const STEPS = [37, 41, 43];

async function judge(world: World, place: Place, states: States, { facts }: Ground): Promise<Verdict> {
  const { role } = place;
  const { content } = states;
  const part = partOf(world, place);
  const before = [await hashOf(part), await hashOf(world.data(role))];
  const victim = world.spawn(role);
  const said = await world.ready(role);
  if (said !== null) {
    const { signal } = await victim.ended;
    const after = [await hashOf(part), await hashOf(world.data(role))];
    return judgeRefusal(said, signal, { part: after[0] === before[0], whole: after[1] === before[1] }, place);
  }
  // They do nothing until they are asked.
  const others = Promise.all(PARTNERS[role].map((other) => startOther(world, other)));
  others.catch(() => undefined);
  const stated = judgeFacts(await readFacts(world, role, content), facts[role]);
  if (stated.outcome === 'broken') return stated;
  await others;
  const used = await use(world, role, states);
  if (used.outcome === 'broken') return used;
  for (const one of ROLES.toReversed()) {
    const ended = await world.stop(one);
    if (ended !== null && ended.code !== 0) return { outcome: 'broken', reasons: [`stop: ${one} ended with ${show(ended)}`] };
  }
  return stated.outcome === 'right' ? used : stated;
}

async function startOther(world: World, role: Role): Promise<void> {
  const said = await world.start(role);
  if (said !== null) throw new Error(`the undamaged ${role} does not start: ${said}`);
}

/** The folder that a place is in, or is. */
function partOf(world: World, { role, path }: Place): string {
  const place = join(world.data(role), path);
  return path.endsWith('/') ? place : dirname(place);
}

/** All bytes under a folder, with their names. Locks and what SQLite makes anew at each opening are no data. */
async function hashOf(folder: string): Promise<string> {
  const hash = createHash('sha256');
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  for (const file of files.filter((path) => !/-shm$|\/lock$/.test(path)).toSorted())
    hash.update(`${file}\n`).update(await readFile(file));
  return hash.digest('hex');
}

const show = (value: unknown): string => JSON.stringify(value);
