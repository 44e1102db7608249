import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { askClient, askGateway, call, isDelivered, untilAnswered } from '../world/calls.ts';
import { checkpointEntries } from '../../../packages/relay/src/ledger/limits.ts';
import { keyTerms, type Content } from '../world/content.ts';
import { copyFolder } from '../world/copy.ts';
import type { Launcher } from '../world/running.ts';
import { openTemplate } from '../world/template.ts';
import { openWorld, ROLES, startAll, type World } from '../world/world.ts';
import { pause } from '../world/pause.ts';

/** Folders that damage is done to. */
export interface States {
  readonly content: Content;
  /** Receipts of the answers that are kept under {@link keptKey}. */
  readonly kept: Readonly<Record<'node' | 'client', string | null>>;
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
/** The key under which node and client keep an answer. */
export const keptKey = 'storm-kept';
/** Until what wallets write behind is on disk. */
const writtenMs = 1_500;

export async function openStates(launcher: Launcher): Promise<States> {
  const template = await openTemplate(launcher);
  const folder = await mkdtemp(join(tmpdir(), 'tributary-storm-states-'));
  const [stopped, killed] = [join(folder, 'stopped'), join(folder, 'killed')];
  const world = await openWorld(launcher, { from: template.folder });
  let kept: States['kept'] = { node: null, client: null };
  try {
    await startAll(world, ROLES, ['--price', String(laterPrice)]);
    await fillLedger(world);
    await goOn(world, template.content, 'first');
    kept = {
      node: await keep(askGateway(world, template.content.keys[0], keptKey)),
      client: await keep(askClient(world, { key: keptKey })),
    };
    for (const role of ROLES.toReversed()) await world.stop(role);
    await copyFolder(world.folder, stopped);
    await startAll(world);
    await goOn(world, template.content, 'second');
    await pause(writtenMs);
    await Promise.all(ROLES.map((role) => world.kill(role)));
    await copyFolder(world.folder, killed);
  } finally {
    await world.close();
  }
  const close = async () => {
    await template.close();
    await rm(folder, { recursive: true, force: true });
  };
  return { content: template.content, kept, older: template.folder, stopped, killed, close };
}

/** Grants at once. */
const grantsAtOnce = 64;

/** So many entries that the ledger of the provider has a checkpoint. */
async function fillLedger(world: World): Promise<void> {
  const grant = { payer: `0x${'ab'.repeat(20)}`, amount: '1', note: 'storm' };
  for (let left = checkpointEntries; left > 0; left -= grantsAtOnce)
    await Promise.all(Array.from({ length: grantsAtOnce }, () => world.admin('provider', 'grant', grant)));
}

async function keep(asked: ReturnType<typeof askClient>): Promise<string | null> {
  const answer = await asked;
  if (isDelivered(answer)) return answer.receipt;
  throw new Error(`the storm could not begin: ${JSON.stringify(answer)}`);
}

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
