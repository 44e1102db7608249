import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../../packages/cli/src/main.ts', import.meta.url));
const LOOK_MS = 100;

/** A `tributary` command as a process of its own. */
export interface Command {
  /** Resolves with the first group of the first line that matches. */
  says(pattern: RegExp): Promise<string>;
  /** Most memory that it had resident so far, in bytes; NaN where the system does not report it. */
  peakBytes(): number;
  kill(signal: NodeJS.Signals): void;
  /** Exit code and standard output. */
  ended: Promise<{ code: number | null; out: string }>;
}

export function startCommand(args: readonly string[], env: NodeJS.ProcessEnv, nodeOptions: readonly string[]): Command {
  const child = spawn(process.execPath, [...nodeOptions, MAIN, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, peak] = ['', 0];
  const look = setInterval(() => (peak = Math.max(peak, peakOf(child))), LOOK_MS);
  child.stdout.on('data', (data: Buffer) => (out += data.toString()));
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', (line) => lines.push(line));
  const ended = new Promise<{ code: number | null; out: string }>((resolve) =>
    child.once('close', (code) => {
      clearInterval(look);
      resolve({ code, out });
    }),
  );
  return {
    peakBytes: () => (peak === 0 ? Number.NaN : peak),
    kill: (signal) => void child.kill(signal),
    ended,
    async says(pattern) {
      for (;;) {
        const match = lines.map((line) => pattern.exec(line)).find((found) => found !== null);
        if (match) return match[1]!;
        if (child.exitCode !== null || child.signalCode !== null)
          throw new Error(`${args[0]} ended: ${lines.slice(-3).join(' | ')}`);
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      }
    },
  };
}

/** From Linux's /proc: the highest resident size, in kilobytes there. */
function peakOf({ pid }: ChildProcess): number {
  try {
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))![1]) * 1_024;
  } catch {
    return 0;
  }
}
