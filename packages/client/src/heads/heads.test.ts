import { type VerifiedSnapshot } from '@tributary/proof';
import { consistencyPath, hashLeaf, rootOf, utf8 } from '@tributary/proof/primitives';
import { logOrigin } from '@tributary/proof/statements';
import { describe, expect, it } from 'vitest';
import { memoryHeads } from './memory-heads.ts';
import { createHeads, type Heads, type ProveConsistency } from './heads.ts';

const index = `rivers@${'a'.repeat(32)}`;

/** Leaf hashes of a log. */
type Leaves = readonly Uint8Array[];
const logOf = (...entries: string[]): Leaves => entries.map((entry) => hashLeaf(utf8(entry)));
const snapshotAt = (log: Leaves, size: number): VerifiedSnapshot =>
  ({
    head: { origin: logOrigin(index), size, root: rootOf(log.slice(0, size)) },
    manifest: { sequence: size - 1 },
  }) as unknown as VerifiedSnapshot;
/** Proves honestly, within its own log, with a delay. */
const prover =
  (log: Leaves, ms = 0): ProveConsistency =>
  async ({ first, second }) => {
    await new Promise((resolve) => setTimeout(resolve, ms));
    return second <= log.length ? consistencyPath(log.slice(0, second), first) : [];
  };
const hold = (heads: Heads, log: Leaves, size: number, { ms = 0, asked = 0 } = {}) =>
  heads.hold(index, snapshotAt(log, size), asked, prover(log, ms));

const honest = logOf('a', 'b', 'c', 'd', 'e', 'f');
const fork = logOf('a', 'b', 'x', 'y', 'z');

describe('heads', () => {
  it('grow, and an older proven head stays valid for answers in progress', async () => {
    const heads = createHeads(memoryHeads());
    for (const size of [2, 5, 6]) await hold(heads, honest, size);
    await hold(heads, honest, 4);
    expect(heads.size(index)).toBe(6);
  });

  it('do not go back behind what was known when the question was asked', async () => {
    const heads = createHeads(memoryHeads());
    await hold(heads, honest, 5);
    await expect(hold(heads, honest, 4, { asked: 5 })).rejects.toMatchObject({ code: 'HEAD_ROLLBACK' });
  });

  it.each([2, 3, 5])('do not switch to another log (with %d of its entries)', async (size) => {
    const heads = createHeads(memoryHeads());
    await hold(heads, honest, 5);
    await expect(hold(heads, fork, size)).rejects.toMatchObject({ code: expect.stringMatching(/^HEAD_(FORK|CONSISTENCY)$/) });
    expect(heads.size(index)).toBe(5);
  });

  // Each is proven to extend what was known when its step began. Only one can be what the log became.
  it.each([
    [4, 4],
    [3, 5],
    [5, 3],
  ])('two answers from contradicting forks cannot both pass, not even concurrently (%d and %d entries)', async (one, other) => {
    for (const [first, second] of [
      [0, 5],
      [5, 0],
      [3, 3],
    ] as const) {
      const heads = createHeads(memoryHeads());
      await hold(heads, honest, 2);
      const settled = await Promise.allSettled([
        hold(heads, honest, one, { ms: first }),
        hold(heads, fork, other, { ms: second }),
      ]);
      expect(settled.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    }
  });

  it('nor as the first heads of an unknown log', async () => {
    const store = memoryHeads();
    const settled = await Promise.allSettled([hold(createHeads(store), honest, 4), hold(createHeads(store), fork, 4)]);
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  });

  it('many honest answers at once all pass, in whatever order they come', async () => {
    const heads = createHeads(memoryHeads());
    await hold(heads, honest, 1);
    await Promise.all([6, 2, 5, 3, 4, 6, 1].map((size, at) => hold(heads, honest, size, { ms: (at * 7) % 5 })));
    expect(heads.size(index)).toBe(6);
  });
});
