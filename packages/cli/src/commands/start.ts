import { spawn, type ChildProcess } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { askNode } from '@tributary/relay';
import { TributaryError } from '@tributary/schemas';
import { dataFolder } from '../folders.ts';
import { aborted } from '../ui/interrupt.ts';
import type { Output } from '../ui/output.ts';

/** One collection of documents that comes with the installed packages. */
interface Collection {
  index: string;
  title: string;
  licence: string;
  price: string;
  paths: string[];
}

/** Credit that each provider grants to the gateway of the same person at the first start. */
const STARTING_CREDIT = '100000';
const EXIT_WAIT_MS = 15_000;

/**
 * `tributary start`: a local network of real processes: two providers with licensed documentation, each selling for credits, and a
 * gateway that may spend what they granted it.
 */
export async function startCommand(
  options: { port: string; data?: string },
  output: Output,
  signal: AbortSignal,
): Promise<number> {
  const data = dataFolder('start', options.data);
  const children: Child[] = [];
  const env = { ...process.env, TRIBUTARY_RENDEZVOUS: join(data, 'rendezvous') };
  try {
    const providers: string[] = [];
    for (const collection of installedCollections()) {
      output.note(`— provider '${collection.index}': ${collection.title}`);
      const folder = join(data, collection.index);
      await started(children, provideArguments(collection, folder), env, signal);
      providers.push(folder);
    }
    output.note('— gateway');
    const gateway = await started(children, ['gateway', '--port', options.port, '--data', join(data, 'gateway')], env, signal);
    for (const folder of providers) await grantOnce(folder, String(gateway['payer']));
    await untilReady(String(gateway['url']), providers.length, signal);
    for (const line of welcome(String(gateway['url']))) output.line(line);
    await Promise.race([aborted(signal), anyExit(children)]);
  } finally {
    await stopAll(children);
  }
  if (!signal.aborted) throw new TributaryError('INTERNAL', 'one of the processes ended; its last lines above say why');
  return 0;
}

/** Markdown documentation inside packages that the set-up installs anyway; both are under the MIT licence. */
function installedCollections(): Collection[] {
  const folder = (name: string) => dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
  const [fastify, undici] = [folder('fastify'), folder('undici')];
  return [
    {
      index: 'fastify-docs',
      title: 'Fastify: guides and reference of the web framework',
      licence: 'MIT',
      price: '2',
      paths: [join(fastify, 'docs'), join(fastify, 'README.md')],
    },
    {
      index: 'undici-docs',
      title: "Undici: documentation of Node's HTTP client",
      licence: 'MIT',
      price: '1',
      paths: [join(undici, 'docs'), join(undici, 'README.md')],
    },
  ];
}

function provideArguments({ index, title, licence, price, paths }: Collection, data: string): string[] {
  return [
    'provide',
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
  process: ChildProcess;
  exited: Promise<number | null>;
}

const main = fileURLToPath(new URL('../main.ts', import.meta.url));

/** Starts a process of this program and waits until it says that it is ready. */
async function started(
  children: Child[],
  args: string[],
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<Record<string, unknown>> {
  const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], env });
  const exited = new Promise<number | null>((resolve) => child.on('exit', resolve));
  children.push({ process: child, exited });
  const ready = new Promise<Record<string, unknown>>((resolve) =>
    child.once('message', (message) => resolve(message as Record<string, unknown>)),
  );
  const failed = exited.then((code) => {
    throw new TributaryError('INTERNAL', `tributary ${args[0]} ended with code ${code}; its last lines above say why`);
  });
  const stopped = aborted(signal).then(() => {
    throw new TributaryError('CANCELLED', 'stopped before everything was up');
  });
  return Promise.race([ready, failed, stopped]);
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

function welcome(url: string): string[] {
  const question = 'how do I validate the body of a request';
  const body = JSON.stringify({ query: question, index: 'fastify-docs', topK: 3 });
  return [
    '',
    `Tributary runs.  Page: ${url}/`,
    '',
    'Ask, with curl or with the command line (which verifies the answer itself):',
    `  curl -s ${url}/v1/query -H 'content-type: application/json' -d '${body}'`,
    `  npm run -s tributary -- query "${question}" --index fastify-docs -k 3 --gateway ${url} --proof proof.json`,
    'Check the proof, offline:',
    '  npm run -s tributary -- verify proof.json',
    '',
    'Ctrl-C stops everything.',
  ];
}

function anyExit(children: Child[]): Promise<unknown> {
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
