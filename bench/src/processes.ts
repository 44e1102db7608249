import { fork, spawnSync, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A process of a benchmark. It reports once when it is ready, then answers one call at a time. */
export interface Remote<Ready, Calls extends Record<string, [unknown, unknown]>> {
  readonly ready: Ready;
  call<Name extends keyof Calls & string>(name: Name, params: Calls[Name][0]): Promise<Calls[Name][1]>;
  /** Processor time used so far by all threads, in milliseconds; NaN where the system does not report it. */
  cpuMs(): number;
  /** Ends it at once, as a crash does. */
  kill(): Promise<void>;
  /** Ends it, by force if it does not end by itself. */
  stop(): Promise<void>;
}

type Message = { type: 'ready'; value: unknown } | { type: 'result'; value: unknown } | { type: 'failed'; message: string };

const STOP_MS = 5_000;

/**
 * Starts a TypeScript file as a process with `start` as its JSON argument. Its errors go to standard error.
 *
 * @param execArgv options of Node for this process only
 * @param isOutsider represents another machine: its threads only get time that no other process wants
 */
export async function startRemote<Ready, Calls extends Record<string, [unknown, unknown]>>(
  file: URL,
  start: object,
  execArgv: readonly string[] = [],
  isOutsider = false,
): Promise<Remote<Ready, Calls>> {
  const [behind, ...options] = isOutsider ? lowestPriority() : [];
  const child = fork(file, [JSON.stringify(start)], {
    ...(behind === undefined ? {} : { execPath: behind }),
    execArgv: [...(behind === undefined ? [] : [...options, process.execPath]), ...execArgv],
    serialization: 'advanced',
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const ready = (await next(child)) as Ready;
  return {
    ready,
    async call(name, params) {
      const reply = next(child);
      child.send({ name, params });
      return (await reply) as never;
    },
    cpuMs: () => cpuMs(child.pid!),
    kill: () => kill(child),
    stop: () => stop(child),
  };
}

/**
 * A command that starts another one with time that no other process wants: SCHED_IDLE if util-linux is installed,
 * otherwise the lowest priority.
 */
function lowestPriority(): string[] {
  if (process.platform !== 'linux') return [];
  const hasIdle = spawnSync('chrt', ['--idle', '0', 'true']).status === 0;
  return hasIdle ? ['chrt', '--idle', '0'] : ['nice', '-n', '19'];
}

function next(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      child.off('message', onMessage);
      child.off('exit', onExit);
    };
    const onMessage = (message: Message): void => {
      end();
      if (message.type === 'failed') reject(new Error(message.message));
      else resolve(message.value);
    };
    const onExit = (code: number | null): void => {
      end();
      reject(new Error(`${child.spawnfile} ${child.spawnargs[1] ?? ''} ended with ${code ?? 'a signal'}`));
    };
    child.on('message', onMessage);
    child.on('exit', onExit);
  });
}

/** From Linux's /proc: user and system time in hundredths of a second, after the name in parentheses. */
function cpuMs(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]!.split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return Number.NaN;
  }
}

async function kill(child: ChildProcess): Promise<void> {
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await exited;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.send({ name: 'stop', params: null });
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await exited;
  clearTimeout(timer);
}

/** Runs in such a process: creates its parts from the argument, reports, and serves calls until it is told to stop. */
export async function serveRemote<Start, Calls extends Record<string, [unknown, unknown]>>(
  open: (start: Start) => Promise<{
    ready: unknown;
    calls: { [Name in keyof Calls]: (params: Calls[Name][0]) => Promise<Calls[Name][1]> | Calls[Name][1] };
    close(): Promise<void>;
  }>,
): Promise<void> {
  const send = (message: Message): void => void process.send!(message);
  const guard = async (work: () => Promise<Message>): Promise<void> => {
    send(
      await work().catch((error: unknown): Message => ({
        type: 'failed',
        message: error instanceof Error ? (error.stack ?? '') : String(error),
      })),
    );
  };
  // Also when it could not open its parts, whose threads would keep it alive.
  process.on('disconnect', () => process.exit(1));
  await guard(async () => {
    const parts = await open(JSON.parse(process.argv[2]!) as Start);
    process.on('message', (message: { name: keyof Calls & string; params: never }) => {
      if (message.name === 'stop') void parts.close().finally(() => process.exit(0));
      else void guard(async () => ({ type: 'result', value: await parts.calls[message.name](message.params) }));
    });
    return { type: 'ready', value: parts.ready };
  });
}
