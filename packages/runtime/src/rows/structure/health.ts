import { closeSync, existsSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { FILES, type ConnectMode } from '../connect.ts';
import { RowsError } from '../rows-error.ts';

/** Until rows are swept after their opening, in milliseconds: first answers come first. */
const SWEEP_AFTER_MS = 5_000;

/** Whether rows may be read and written. */
export interface Health {
  /** @throws RowsError `damaged` */
  check(): void;
  /** What is wrong with them, or null. */
  fault(): string | null;
  /** Ends the sweep. */
  close(): Promise<void>;
}

/** Rows whose structure was checked when they were opened. */
export const SOUND: Health = { check: () => undefined, fault: () => null, close: async () => undefined };

/**
 * Sweeps rows that are too large to be checked when they are opened. Once damage is found, nothing is read or written
 * any more, and a file tells the next openings to check the whole structure first.
 */
export function watchHealth(directory: string, path: string, mode: ConnectMode): Health {
  let fault: RowsError | null = null;
  let worker: Worker | null = null;
  const found = (text: string): void => {
    fault = hiddenRows(directory, text);
    if (mode !== 'frozen') noteSuspect(directory);
  };
  const timer = setTimeout(() => {
    worker = new Worker(new URL('./sweep-worker.ts', import.meta.url), { execArgv: [], workerData: { path, mode } });
    worker.once('message', (text: string | null) => text !== null && found(text));
    worker.once('error', () => undefined); // the next opening sweeps again
    worker.unref();
  }, SWEEP_AFTER_MS);
  timer.unref();
  return {
    check() {
      if (fault !== null) throw fault;
    },
    fault: () => fault?.message ?? null,
    async close() {
      clearTimeout(timer);
      await worker?.terminate();
    },
  };
}

export const hiddenRows = (directory: string, text: string): RowsError =>
  new RowsError('damaged', `${directory}: the index of the keys does not fit the rows: ${text}`);

/** Whether a sweep has found damage in this folder. */
export const isSuspect = (directory: string): boolean => existsSync(join(directory, FILES.suspect));

/** On a disk that refuses, the next sweep finds the damage again. */
function noteSuspect(directory: string): void {
  try {
    closeSync(openSync(join(directory, FILES.suspect), 'a', 0o600));
  } catch {
    // see above
  }
}
