import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { askNode, openKeys } from '@tributary/relay';
import { TributaryError } from '@tributary/schemas';
import { port } from '../arguments.ts';
import { refuseSecondNode } from '../data-folder.ts';
import { dataFolder } from '../folders.ts';
import { aborted } from '../ui/interrupt.ts';
import { installedCollections, type Collection } from '../steps/installed-collections.ts';
import type { Output } from '../ui/output.ts';

interface StartOptions {
  port: string;
  data?: string;
}

/** Credit that each provider grants to the gateway of the same person at the first start. */
const STARTING_CREDIT = '100000';
const EXIT_WAIT_MS = 15_000;

/** `tributary start`: a local network with documentation that the set-up installs. */
export function startCommand(options: StartOptions, output: Output, signal: AbortSignal): Promise<number> {
  return startNetwork(installedCollections(), options, output, signal);
}

/**
 * A local network of real processes: one provider for each collection, selling for credits, and a gateway that may spend what they
 * granted it. Runs until the signal; all processes have ended when this resolves or rejects.
 *
 * @throws TributaryError STORE_LOCKED, CONFIG, PORT_IN_USE before anything is started; INTERNAL when one of the processes ends
 */
export async function startNetwork(
  collections: Collection[],
  options: StartOptions,
  output: Output,
  signal: AbortSignal,
): Promise<number> {
  const data = dataFolder('start', options.data);
  await refuseSecondNode(join(data, 'gateway'));
  await refuseTakenPort(port('--port', options.port));
  const children: Child[] = [];
  const env = { ...process.env, TRIBUTARY_RENDEZVOUS: join(data, 'rendezvous') };
  try {
    const providers = collections.map(({ index }) => join(data, index));
    const owners = await Promise.all(providers.map(async (folder) => (await openKeys(folder, randomBytes)).owner.did));
    const steps = collections.length + 1;
    const work = collections.map((collection, at) => () => {
      output.note(`[${at + 1}/${steps}] provider '${collection.index}': ${collection.title}`);
      return started(children, `the provider '${collection.index}'`, provideArguments(collection, providers[at]!), env, signal);
    });
    const startGateway = () => {
      output.note(`[${steps}/${steps}] gateway`);
      const args = [
        'gateway',
        '--port',
        options.port,
        '--data',
        join(data, 'gateway'),
        ...owners.flatMap((did) => ['--allow', did]),
      ];
      return started(children, 'the gateway', args, env, signal);
    };
    const gateway = await inOrder(
      [...work, startGateway],
      providers.some((folder) => !existsSync(join(folder, 'store'))),
    );
    for (const folder of providers) await grantOnce(folder, String(gateway['payer']));
    await untilReady(String(gateway['url']), providers.length, signal);
    for (const line of welcome(String(gateway['url']), collections[0]!, data)) output.line(line);
    const ended = await Promise.race([aborted(signal), anyExit(children)]);
    if (ended && !signal.aborted) throw endedError(ended);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    if (signal.aborted) output.note('stopping…');
    await stopAll(children);
  }
  return 0;
}

/** Result of the last. One by one the first time, when each embeds with all cores and shows its progress; later all at once. */
async function inOrder(work: (() => Promise<Record<string, unknown>>)[], first: boolean): Promise<Record<string, unknown>> {
  if (!first) return (await Promise.all(work.map((step) => step()))).at(-1)!;
  let last = {};
  for (const step of work) last = await step();
  return last;
}

/** Counting first shows how long the first embedding takes; later it would only read everything twice. */
function provideArguments({ index, title, licence, price, paths }: Collection, data: string): string[] {
  return [
    'provide',
    ...(existsSync(join(data, 'store')) ? ['--no-plan'] : []),
    ...paths,
    '--index',
    index,
    '--title',
    title,
    '--licence',
    licence,
    '--price',
    price,
    '--data',
    data,
    '--publish',
  ];
}

interface Child {
  /** What it is, in a sentence. */
  what: string;
  process: ChildProcess;
  exited: Promise<Ended>;
}

interface Ended {
  what: string;
  code: number | null;
  signal: NodeJS.Signals | null;
}

const main = fileURLToPath(new URL('../main.ts', import.meta.url));

/** Starts a process of this program and waits until it says that it is ready. */
async function started(
  children: Child[],
  what: string,
  args: string[],
  env: NodeJS.ProcessEnv,
  stop: AbortSignal,
): Promise<Record<string, unknown>> {
  const child = spawn(process.execPath, [...process.execArgv, main, ...args], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env,
  });
  const exited = new Promise<Ended>((resolve) => child.on('exit', (code, signal) => resolve({ what, code, signal })));
  children.push({ what, process: child, exited });
  const ready = new Promise<Record<string, unknown>>((resolve) =>
    child.once('message', (message) => resolve(message as Record<string, unknown>)),
  );
  const failed = anyExit(children).then((ended) => {
    throw endedError(ended);
  });
  const stopped = aborted(stop).then(() => {
    throw new TributaryError('CANCELLED', 'stopped before everything was up');
  });
  return Promise.race([ready, failed, stopped]);
}

function endedError({ what, code, signal }: Ended): TributaryError {
  const how = signal === null ? `with code ${code}` : `by signal ${signal}`;
  return new TributaryError(
    'INTERNAL',
    `${what} ended ${how}; its last lines above show why. Everything was stopped; start again`,
  );
}

/** Checked before minutes of embedding, not after. */
async function refuseTakenPort(number: number): Promise<void> {
  if (number === 0) return;
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(number, '127.0.0.1', resolve);
    });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EADDRINUSE')
      throw new TributaryError('PORT_IN_USE', `port ${number} is taken; choose another with --port, or --port 0 for any`, {
        cause,
      });
    throw new TributaryError('CONFIG', `cannot listen on port ${number}: ${(cause as Error).message}`, { cause });
  }
  await new Promise((resolve) => server.close(resolve));
}

async function grantOnce(providerData: string, payer: string): Promise<void> {
  const account = (await askNode(providerData, 'account', { payer })) as { granted: string };
  if (account.granted === '0') await askNode(providerData, 'grant', { payer, amount: STARTING_CREDIT, note: 'tributary start' });
}

const READY_WAIT_MS = 30_000;
const READY_POLL_MS = 200;

async function untilReady(url: string, providers: number, signal: AbortSignal): Promise<void> {
  const end = Date.now() + READY_WAIT_MS;
  while (Date.now() < end && !signal.aborted) {
    const reply = await fetch(`${url}/readyz`).catch(() => null);
    const body = (await reply?.json()) as { providers?: number } | undefined;
    if ((body?.providers ?? 0) >= providers) return;
    await new Promise((resolve) => setTimeout(resolve, READY_POLL_MS));
  }
  if (!signal.aborted)
    throw new TributaryError('NO_PROVIDER', `the gateway did not find its ${providers} providers in ${READY_WAIT_MS / 1_000} s`);
}

function welcome(url: string, { index, question }: Collection, data: string): string[] {
  const body = JSON.stringify({ query: question, index, topK: 3 });
  return [
    '',
    `Tributary runs. Page: ${url}/`,
    '',
    'Ask, with curl:',
    `  curl -s ${url}/v1/query -H 'content-type: application/json' -d '${body}'`,
    'or with the command line, which verifies the answer itself:',
    `  npm run -s tributary -- query "${question}" --index ${index} -k 3 --gateway ${url} --proof proof.json`,
    'Check the proof, offline (exit code 2: consistent, keys not pinned yet):',
    '  npm run -s tributary -- verify proof.json',
    '',
    `Keys, indexes and ledgers are stored in ${data}`,
    `Ctrl-C stops everything. After that, this command removes all of it: rm -r ${quoted(data)}`,
  ];
}

const quoted = (path: string): string => (/^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`);

function anyExit(children: Child[]): Promise<Ended> {
  return Promise.race(children.map(({ exited }) => exited));
}

/** The gateway first, so that it does not ask providers that are gone. */
async function stopAll(children: Child[]): Promise<void> {
  for (const { process: child, exited } of children.toReversed()) {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    const killed = setTimeout(() => child.kill('SIGKILL'), EXIT_WAIT_MS);
    await exited;
    clearTimeout(killed);
  }
}
