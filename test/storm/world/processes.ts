import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { program } from '../../program.ts';
import { createSpeech, inTime, type Finished, type Launcher, type Running } from './running.ts';

const client = fileURLToPath(new URL('client-process.ts', import.meta.url));

/** Each role in a new process, as a user starts it. SIGKILL reaches that role alone. */
export function openProcesses(): Launcher {
  const running = new Set<Running>();
  return {
    start(args, env) {
      const one = launch(args, env);
      running.add(one);
      void one.ended.then(() => running.delete(one));
      return one;
    },
    close: async () => void (await Promise.all([...running].map((one) => one.kill()))),
  };
}

function launch(args: readonly string[], more: Readonly<Record<string, string>>): Running {
  const [command = '', ...options] = args;
  const argv = command === 'client' ? [client, ...options] : [program, ...args];
  // Without the trap, the signal of a limit on file sizes would end the process.
  const trapped = ['-c', `trap '' XFSZ; exec "$0" "$@"`, process.execPath, ...argv];
  const child = spawn('bash', trapped, { env: { ...process.env, ...more }, stdio: ['ignore', 'pipe', 'pipe'] });
  const speech = createSpeech(child.pid!);
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => speech.add(data.toString()));
  const ended = new Promise<Finished>((resolve) =>
    child.on('close', (code, signal) => {
      resolve({ code, signal });
      speech.end();
    }),
  );
  const end = (signal: NodeJS.Signals): Promise<Finished> => {
    child.kill(signal);
    return inTime(child.pid!, ended, `the end of ${command} after ${signal}`);
  };
  return { ...speech, pid: child.pid!, ended, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') };
}
