import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { createSpeech, inTime, type Finished, type Launcher, type Running } from './running.ts';

const script = fileURLToPath(new URL('host-process.ts', import.meta.url));
/** Guests of one host, after which a new one takes its place. */
const guestsMax = 40;

/** What a host says. */
export type FromHost = { text: string } | { ended: number };
/** What a host is told. */
export type ToHost = { start: readonly string[]; env: Readonly<Record<string, string>> } | { stop: true };

interface Host {
  child: ChildProcess;
  guests: number;
}

/**
 * Roles as guests of warm processes, one at a time in each: the code of the command line without the start of a
 * process. An abort ends the host, and is told as the end of the role.
 */
export function openHosts(): Launcher {
  const idle = new Map<string, Host>();
  const all = new Set<ChildProcess>();
  const hostOf = (command: string): Host => {
    const warm = idle.get(command);
    idle.delete(command);
    if (warm && warm.child.connected && warm.guests < guestsMax) return warm;
    warm?.child.kill('SIGKILL');
    const child = fork(script, [], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], serialization: 'advanced' });
    all.add(child);
    child.on('exit', () => all.delete(child));
    return { child, guests: 0 };
  };
  return {
    start(args, env) {
      const [command = ''] = args;
      const host = hostOf(command);
      host.guests += 1;
      const one = receive(host.child, args, env);
      void one.ended.then(({ signal, code }) => {
        if (signal === null && code !== null && host.child.connected) idle.set(command, host);
      });
      return one;
    },
    close: async () => {
      for (const child of all) child.kill('SIGKILL');
    },
  };
}

function receive(child: ChildProcess, args: readonly string[], env: Readonly<Record<string, string>>): Running {
  const speech = createSpeech(child.pid!);
  const { promise: ended, resolve } = Promise.withResolvers<Finished>();
  const print = (data: Buffer) => speech.add(data.toString());
  const over = (finished: Finished): void => {
    child.off('message', listen);
    child.off('exit', died);
    child.stdout?.off('data', print);
    child.stderr?.off('data', print);
    resolve(finished);
    speech.end();
  };
  const listen = (message: FromHost): void => {
    if ('text' in message) speech.add(`${message.text}\n`);
    else over({ code: message.ended, signal: null });
  };
  const died = (code: number | null, signal: NodeJS.Signals | null) => {
    speech.add(`\nthe process ended: code ${code}, signal ${signal}\n`);
    over({ code: null, signal: signal ?? 'SIGABRT' });
  };
  child.on('message', listen);
  child.on('exit', died);
  child.stdout?.on('data', print);
  child.stderr?.on('data', print);
  const tell = (message: ToHost) => void (child.connected && child.send(message));
  tell({ start: args, env });
  const end = (action: () => void): Promise<Finished> => {
    action();
    return inTime(child.pid!, ended, `the end of ${args[0]}`);
  };
  return {
    ...speech,
    pid: child.pid!,
    ended,
    stop: () => end(() => tell({ stop: true })),
    kill: () => end(() => void child.kill('SIGKILL')),
  };
}
