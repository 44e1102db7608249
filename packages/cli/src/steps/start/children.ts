import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { TributaryError } from '@tributary/schemas';
import { aborted } from '../../ui/interrupt.ts';

const EXIT_WAIT_MS = 15_000;

const main = fileURLToPath(new URL('../../main.ts', import.meta.url));

/** Processes of this program that live and end together. */
export interface Children {
  /**
   * Starts a process and resolves with its message once it is ready.
   *
   * @param what name of the process within a sentence
   * @throws TributaryError INTERNAL when any child ends first; CANCELLED when the signal stops the start
   */
  start(what: string, args: string[]): Promise<Record<string, unknown>>;
  /**
   * Resolves when the signal stops everything.
   *
   * @throws TributaryError INTERNAL when a child ends by itself
   */
  untilStopped(): Promise<void>;
  /** Resolves when all have ended. */
  stop(): Promise<void>;
}

interface Child {
  what: string;
  process: ChildProcess;
  exited: Promise<Ended>;
}

interface Ended {
  what: string;
  code: number | null;
  signal: NodeJS.Signals | null;
}

export function createChildren(env: NodeJS.ProcessEnv, signal: AbortSignal): Children {
  const children: Child[] = [];
  const anyExit = () => Promise.race(children.map(({ exited }) => exited));
  return {
    start(what, args) {
      const child = launch(what, args, env);
      children.push(child);
      const failed = anyExit().then((ended) => {
        throw endedError(ended);
      });
      const stopped = aborted(signal).then(() => {
        throw new TributaryError('CANCELLED', 'stopped before everything was up');
      });
      return Promise.race([firstMessage(child), failed, stopped]);
    },
    async untilStopped() {
      const ended = await Promise.race([aborted(signal), anyExit()]);
      if (ended && !signal.aborted) throw endedError(ended);
    },
    stop: () => stopAll(children),
  };
}

function launch(what: string, args: string[], env: NodeJS.ProcessEnv): Child {
  const child = spawn(process.execPath, [...process.execArgv, main, ...args], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env,
  });
  const exited = new Promise<Ended>((resolve) => child.on('exit', (code, signal) => resolve({ what, code, signal })));
  return { what, process: child, exited };
}

function firstMessage(child: Child): Promise<Record<string, unknown>> {
  return new Promise((resolve) => child.process.once('message', (message) => resolve(message as Record<string, unknown>)));
}

function endedError({ what, code, signal }: Ended): TributaryError {
  const how = signal === null ? `with code ${code}` : `by signal ${signal}`;
  return new TributaryError(
    'INTERNAL',
    `${what} ended ${how}; its last lines above show why. Everything was stopped; start again`,
  );
}

/** Ends the gateway first, so that it asks no provider that is gone. */
async function stopAll(children: Child[]): Promise<void> {
  for (const { process: child, exited } of children.toReversed()) {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    const killed = setTimeout(() => child.kill('SIGKILL'), EXIT_WAIT_MS);
    await exited;
    clearTimeout(killed);
  }
}
