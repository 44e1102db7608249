import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { openKeys } from '@tributary/relay/local';
import { port } from '../arguments.ts';
import { refuseSecondNode } from '../data-folder.ts';
import { dataFolder } from '../folders.ts';
import { installedCollections, type Collection } from '../steps/installed-collections.ts';
import { nodeArguments, isNew, provideArguments } from '../steps/start/arguments.ts';
import { createChildren, type Children } from '../steps/start/children.ts';
import { grantOnce } from '../steps/start/grant.ts';
import { refuseTakenPort } from '../steps/start/port.ts';
import { untilReady } from '../steps/start/ready.ts';
import type { Output } from '../ui/output.ts';
import { welcome } from '../ui/welcome.ts';

interface StartOptions {
  port: string;
  data?: string;
  rerankModel?: string;
  modelIdle?: string;
}

/** `tributary start`: a local network over documentation from the installed packages. */
export function startCommand(options: StartOptions, output: Output, signal: AbortSignal): Promise<number> {
  return startNetwork(installedCollections(), options, output, signal);
}

/**
 * A local network of real processes: one provider per collection, which sells for credits, and a node whose gateway may
 * spend the credits that they granted. Runs until the signal; all processes have ended when this resolves or rejects.
 *
 * @throws TributaryError STORE_LOCKED, CONFIG, PORT_IN_USE before anything is started; INTERNAL when a process ends
 * @internal exported for its tests
 */
export async function startNetwork(
  collections: Collection[],
  options: StartOptions,
  output: Output,
  signal: AbortSignal,
): Promise<number> {
  const data = dataFolder('start', options.data);
  await refuseSecondNode(data);
  await refuseTakenPort(port('--port', options.port));
  const children = createChildren({ ...process.env, TRIBUTARY_RENDEZVOUS: join(data, 'rendezvous') }, signal);
  try {
    const node = await startAll(collections, options, data, children, output);
    for (const { index } of collections) await grantOnce(join(data, index), String(node['payer']));
    await untilReady(String(node['url']), collections.length, signal);
    for (const line of welcome(String(node['url']), collections[0]!, data)) output.line(line);
    await children.untilStopped();
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    if (signal.aborted) output.note('stopping…');
    await children.stop();
  }
  return 0;
}

/** Starts the providers, then the node, whose message is returned. */
async function startAll(
  collections: Collection[],
  options: StartOptions,
  data: string,
  children: Children,
  output: Output,
): Promise<Record<string, unknown>> {
  const folders = collections.map(({ index }) => join(data, index));
  const owners = await Promise.all(folders.map(async (folder) => (await openKeys(folder, randomBytes)).owner.did));
  const steps = collections.length + 1;
  const providers = collections.map((collection, at) => () => {
    output.note(`[${at + 1}/${steps}] provider '${collection.index}': ${collection.title}`);
    return children.start(`the provider '${collection.index}'`, provideArguments(collection, folders[at]!, options));
  });
  const node = () => {
    output.note(`[${steps}/${steps}] node: the gateway, and indexes of your own`);
    return children.start('the node', nodeArguments(options, data, owners));
  };
  return inOrder([...providers, node], folders.some(isNew));
}

/**
 * Result of the last. The first time they run one by one, because each embeds with all cores and shows its progress;
 * later all at once.
 */
async function inOrder(work: (() => Promise<Record<string, unknown>>)[], first: boolean): Promise<Record<string, unknown>> {
  if (!first) return (await Promise.all(work.map((step) => step()))).at(-1)!;
  let last = {};
  for (const step of work) last = await step();
  return last;
}
