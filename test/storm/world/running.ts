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

/** Longest wait for a process to say something or to end; a machine in use takes ten times as long as a quiet one. */
const waitMs = 90_000;

/** Collects output and lets callers wait for it. */
export function createSpeech() {
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
          clearTimeout(timer);
          action();
        };
        const look = () => {
          const match = pattern.exec(text);
          if (match || over) settle(() => resolve(match));
        };
        const timer = setTimeout(
          () => settle(() => reject(new Error(`hang: nobody said ${pattern} for ${waitMs} ms\n${text}`))),
          waitMs,
        );
        listeners.add(look);
        look();
      }),
  };
}

/** Fails instead of waiting for ever. */
export async function inTime<T>(work: Promise<T>, what: string): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`hang: ${what} took more than ${waitMs} ms`)), waitMs);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
