import { createPatience } from './patience.ts';

/** How a process ended. */
export interface Finished {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** A role that runs, in a process of its own or as the guest of a host. */
export interface Running {
  /** Resolves with the match once the output, on either stream, contains the pattern; null if the role ends before. */
  says(pattern: RegExp): Promise<RegExpExecArray | null>;
  /** Everything that it printed. */
  said(): string;
  /** Process that runs it. */
  readonly pid: number;
  /** Ends it in order. */
  stop(): Promise<Finished>;
  kill(): Promise<Finished>;
  readonly ended: Promise<Finished>;
}

/** Starts roles: `provide`, `node` and `client` with their options, as on the command line. */
export interface Launcher {
  start(args: readonly string[], env: Readonly<Record<string, string>>): Running;
  close(): Promise<void>;
}

/** Longest time in which a process may do nothing that it is waited for; it counts only while it could run. */
const idleMs = 90_000;
const lookEveryMs = 1_000;

/** Collects the output of a process and lets callers wait for it. */
export function createSpeech(pid: number) {
  let text = '';
  let over = false;
  const listeners = new Set<() => void>();
  const heard = () => listeners.forEach((listener) => listener());
  return {
    said: () => text,
    add(more: string): void {
      text += more;
      heard();
    },
    end(): void {
      over = true;
      heard();
    },
    says: (pattern: RegExp) =>
      new Promise<RegExpExecArray | null>((resolve, reject) => {
        const settle = (action: () => void) => {
          listeners.delete(look);
          stop();
          action();
        };
        const look = () => {
          const match = pattern.exec(text);
          if (match || over) settle(() => resolve(match));
        };
        const stop = whenIdle(pid, () => settle(() => reject(new Error(`hang: nobody said ${pattern}\n${text}`))));
        listeners.add(look);
        look();
      }),
  };
}

/** Fails instead of waiting for ever for a process. */
export async function inTime<T>(pid: number, work: Promise<T>, what: string): Promise<T> {
  const late = Promise.withResolvers<never>();
  const stop = whenIdle(pid, () => late.reject(new Error(`hang: ${what}`)));
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    stop();
  }
}

/** Calls back once the process had its time and did nothing. @returns ends the watch */
function whenIdle(pid: number, late: () => void): () => void {
  const patience = createPatience(pid);
  const timer = setInterval(() => patience.usedMs() > idleMs && late(), lookEveryMs);
  return () => clearInterval(timer);
}
