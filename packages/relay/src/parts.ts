import type { Log } from './observe/log.ts';

interface Closable {
  close(): Promise<void>;
}

/** The open parts of a node. They are closed in reverse order. */
export interface Parts {
  /** Waits until a part is open, and closes it with the others. */
  open<Part extends Closable>(name: string, opening: Promise<Part>): Promise<Part>;
  /** Registers a cleanup for something that has no `close` of its own. */
  onClose(name: string, close: () => Promise<void>): void;
  /** Repeats work in the background. A failure is logged, and the work runs again after the next interval. */
  every(intervalMs: number, work: () => Promise<void>): void;
}

/**
 * Opens a node part by part. If one fails to open, the parts that are open are closed before the error is passed on. A
 * part that fails to close is logged and does not keep the others open; `close` runs once. Not an
 * `AsyncDisposableStack`: it would join such failures into one error, and Node 22 does not have it.
 */
export async function openParts<Opened extends object>(
  log: Log,
  open: (parts: Parts) => Promise<Opened>,
): Promise<Opened & Closable> {
  const closers: [name: string, close: () => Promise<void>][] = [];
  const close = async (): Promise<void> => {
    for (const [name, closePart] of closers.splice(0).toReversed()) {
      await closePart().catch((error: unknown) => log.error('close-failed', { part: name, error }));
    }
  };
  const onClose: Parts['onClose'] = (name, closePart) => void closers.push([name, closePart]);
  const parts: Parts = {
    async open(name, opening) {
      const part = await opening;
      onClose(name, () => part.close());
      return part;
    },
    onClose,
    every(intervalMs, work) {
      const fault = (error: unknown) => log.error('background-fault', { error });
      const timer = setInterval(() => void work().catch(fault), intervalMs);
      onClose('timer', async () => clearInterval(timer));
    },
  };
  try {
    return { ...(await open(parts)), close };
  } catch (error) {
    await close();
    throw error;
  }
}
