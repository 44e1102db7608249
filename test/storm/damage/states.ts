import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { askClient, askGateway, call, isDelivered, untilAnswered } from '../world/calls.ts';
import { keyTerms, type Content } from '../world/content.ts';
import { copyFolder } from '../world/copy.ts';
import type { Launcher } from '../world/running.ts';
import { openTemplate } from '../world/template.ts';
import { openWorld, ROLES, startAll, type World } from '../world/world.ts';
import { pause } from '../world/pause.ts';

/** Folders that damage is done to. */
export interface States {
  readonly content: Content;
  /** After an early clean stop: where older copies come from. */
  readonly older: string;
  /** After a later clean stop. */
  readonly stopped: string;
  /** After a kill, when everything written was acknowledged. */
  readonly killed: string;
  close(): Promise<void>;
}

/** What an answer costs from the second start on. */
export const laterPrice = 4n;
/** Until what wallets write behind is on disk. */
const writtenMs = 1_500;

export async function openStates(launcher: Launcher): Promise<States> {
  const template = await openTemplate(launcher);
  const folder = await mkdtemp(join(tmpdir(), 'tributary-storm-states-'));
  const [stopped, killed] = [join(folder, 'stopped'), join(folder, 'killed')];
  const world = await openWorld(launcher, { from: template.folder });
  try {
    await startAll(world, ROLES, ['--price', String(laterPrice)]);
    await goOn(world, template.content, 'first');
    for (const role of ROLES.toReversed()) await world.stop(role);
    await keep(world, stopped);
    await startAll(world);
    await goOn(world, template.content, 'second');
    await pause(writtenMs);
    await Promise.all(ROLES.map((role) => world.kill(role)));
    await keep(world, killed);
  } finally {
    await world.close();
  }
  const close = async () => {
    await template.close();
    await rm(folder, { recursive: true, force: true });
  };
  return { content: template.content, older: template.folder, stopped, killed, close };
}

const keep = (world: World, folder: string) => copyFolder(world.folder, folder);

/** Writes, deletes, asks and pays a little of everything. */
async function goOn(world: World, { keys: [key, other] }: Content, turn: string): Promise<void> {
  const url = world.url('node');
  const path = '/v1/indexes/notes/records';
  const records = Array.from({ length: 12 }, (_, at) => ({ id: `${turn}-${at}`, vector: [at, 2, 3, 4], text: `${turn} ${at}` }));
  const ids = turn === 'first' ? ['base-7', 'base-8'] : ['base-9', 'first-1'];
  const name = `${turn}.md`;
  const done = [
    await call(url, path, { key, body: { records } }),
    await call(url, `${path}/delete`, { key, body: { ids } }),
    await call(url, `/v1/indexes/papers/documents?name=${name}`, {
      key,
      body: `# Herons\n\nThe ${turn} heron fishes.`,
      type: 'text/markdown',
    }),
  ];
  await world.admin('gateway', 'keyCreate', { ...keyTerms, name: turn });
  for (const ask of [() => askGateway(world, key), () => askGateway(world, other), () => askClient(world)]) {
    await untilAnswered(ask, 30_000, laterPrice);
    const answer = await ask();
    if (!isDelivered(answer)) done.push(answer);
  }
  const failed = done.find(({ status }) => status !== 200);
  if (failed) throw new Error(`the storm could not begin: ${JSON.stringify(failed)}`);
}
