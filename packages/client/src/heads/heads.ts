import { checkHead, ProofError } from '@tributary/proof';
import { createLru, fromHex, toHex } from '@tributary/proof/primitives';
import { logOrigin } from '@tributary/proof/statements';
import type { LogHead, VerifiedSnapshot } from '@tributary/proof';
import { acceptedHeadsMax, headStepsMax } from './limits.ts';
import type { Head, HeadStore } from './memory-heads.ts';

/** Fetches the consistency proof between two sizes of the log. */
export type ProveConsistency = (sizes: { first: number; second: number }) => Promise<readonly Uint8Array[]>;

/** Checks that each log only grows: it may neither go back nor fork from what it showed before. */
export interface Heads {
  /** Size of an index's log as last seen; 0 before the first answer. */
  size(index: string): number;
  /**
   * Accepts a verified snapshot as the newest state of the log. `asked` is the size that was known when the question
   * was sent.
   *
   * @throws ProofError HEAD_ROLLBACK, HEAD_FORK, HEAD_CONSISTENCY
   */
  hold(index: string, snapshot: VerifiedSnapshot, asked: number, prove: ProveConsistency): Promise<void>;
}

/**
 * Used by every transport. A step reads the newest head, has the new one proven against it, and takes effect only if
 * the newest head has not changed meanwhile; otherwise it is repeated. So two answers from contradicting forks cannot
 * both pass, whatever runs at the same time in this process or in another on the same store.
 */
export function createHeads(store: HeadStore): Heads {
  /** Heads that were accepted before. Answers in progress may still name them. */
  const accepted = createLru<string, true>(acceptedHeadsMax);
  return {
    size: (index) => store.get(index)?.size ?? 0,
    async hold(index, { head, manifest }, asked, prove) {
      if (manifest.sequence + 1 < asked)
        throw new ProofError(
          'HEAD_ROLLBACK',
          `the answer is from snapshot ${manifest.sequence} of ${index}; ${asked} were known when it was asked`,
        );
      const name = `${index} ${head.size} ${toHex(head.root)}`;
      if (accepted.get(name)) return;
      for (let step = 1; !(await take(store, index, head, prove)); step += 1)
        if (step >= headStepsMax)
          throw new ProofError('HEAD_FORK', `the log of ${index} moved ${step} times while it was checked`);
      accepted.set(name, true);
    },
  };
}

/** One step. False when the newest head has changed meanwhile. */
async function take(store: HeadStore, index: string, head: LogHead, prove: ProveConsistency): Promise<boolean> {
  const stored = store.get(index);
  const known = stored && logHead(stored);
  // A smaller head is no rollback when the larger one, seen before, is proven to extend it.
  const [older, newer] = known && head.size < known.size ? [head, known] : [known, head];
  const grows = older !== null && older.size > 0 && older.size < newer.size;
  const path = grows ? await prove({ first: older.size, second: newer.size }) : [];
  const changed = checkHead(older, newer, path);
  if (!changed || newer === known) return true;
  return store.replace(stored, { index, size: head.size, root: toHex(head.root) });
}

const logHead = ({ index, size, root }: Head): LogHead => ({ origin: logOrigin(index), size, root: fromHex(root) });
