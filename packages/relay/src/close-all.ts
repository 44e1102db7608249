import type { Log } from './observe/log.ts';

/** A part that was opened, and how to close it. */
export type Closer = [name: string, close: () => Promise<void>];

/** Closes parts in the reverse order of opening; one that fails is logged and does not keep the others open. Runs once. */
export async function closeAll(closers: Closer[], log: Log): Promise<void> {
  for (const [name, close] of closers.splice(0).toReversed()) {
    try {
      await close();
    } catch (error) {
      log.error('close-failed', { part: name, error });
    }
  }
}
