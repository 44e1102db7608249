import { createTree } from '@tributary/proof/primitives';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { answerKeepMs } from '../limits.ts';
import { expiredUndo, leavesAt } from './undo.ts';
import { packUndo, type Undo } from '../disk/values.ts';

const leaf = (value: number): Uint8Array => new Uint8Array(32).fill(value);

it('brings back the tree of every snapshot that is kept', () => {
  const change = fc.record({ slot: fc.nat({ max: 20 }), value: fc.nat({ max: 255 }) });
  fc.assert(
    fc.property(fc.array(fc.array(change, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 8 }), (groups) => {
      const tree = createTree();
      const undo: Undo[] = [];
      const roots = [{ size: 0, root: tree.root() }];
      for (const [at, group] of groups.entries()) {
        const leaves = new Map<number, Uint8Array>();
        const size = tree.size;
        for (const { slot, value } of group) {
          const target = Math.min(slot, tree.size);
          if (target < size && !leaves.has(target)) leaves.set(target, tree.leaf(target));
          tree.set(target, leaf(value));
        }
        undo.push({ snapshot: at + 1, time: at, leaves });
        roots.push({ size: tree.size, root: tree.root() });
      }
      const packed = undo.map(packUndo);
      for (const [snapshot, { size, root }] of roots.entries()) {
        expect(tree.rootAt(size, leavesAt(snapshot, packed, null)!)).toEqual(root);
        // The newest group may not be published yet.
        expect(tree.rootAt(size, leavesAt(snapshot, packed.slice(0, -1), undo.at(-1)!)!)).toEqual(root);
      }
      if (groups.length > 1) {
        expect(leavesAt(0, packed.slice(1), null)).toBe(null);
        expect(leavesAt(0, packed.slice(1, -1), undo.at(-1)!)).toBe(null);
      }
    }),
  );
});

it('keeps entries for as long as answers may be asked for again', () => {
  const undo = [0, 10, 20].map((time, at) => packUndo({ snapshot: at + 1, time, leaves: new Map() }));
  expect(expiredUndo(undo, 15)).toEqual([]);
  expect(expiredUndo(undo, answerKeepMs + 10)).toEqual(undo.slice(0, 2));
  expect(expiredUndo(undo, answerKeepMs + 99)).toEqual(undo);
});
