import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat, fromHex, toHex, utf8 } from '../bytes.ts';
import { EMPTY_ROOT, hashLeaf, hashNode } from './hash.ts';
import { consistencyPath, rootOf, verifyConsistency, verifyInclusion } from './proof.ts';
import { inclusionPath } from '../testing/inclusion-path.ts';
import { createTree, type MerkleTree } from './tree.ts';
import { viewOfLeaves } from './view.ts';

const leafOf = (n: number) => hashLeaf(utf8(`leaf ${n}`));
const leaves = (n: number) => Array.from({ length: n }, (_, at) => leafOf(at));

/** RFC 6962 §2.1, as it is written there. */
function slowRoot(hashes: readonly Uint8Array[]): Uint8Array {
  if (hashes.length === 0) return EMPTY_ROOT;
  if (hashes.length === 1) return hashes[0]!;
  let k = 1;
  while (2 * k < hashes.length) k *= 2;
  return hashNode(slowRoot(hashes.slice(0, k)), slowRoot(hashes.slice(k)));
}

function expectSameTree(tree: Pick<MerkleTree, 'size' | 'root' | 'path'>, hashes: readonly Uint8Array[]): void {
  const root = slowRoot(hashes);
  expect(toHex(tree.root())).toBe(toHex(root));
  expect(tree.size).toBe(hashes.length);
  for (const [index, leafHash] of hashes.entries())
    expect(verifyInclusion({ index, size: hashes.length, leafHash, path: tree.path(index), root })).toBe(true);
}

describe('hashes', () => {
  it('are those of RFC 6962 implementations', () => {
    expect(toHex(EMPTY_ROOT)).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(toHex(hashLeaf(new Uint8Array()))).toBe('6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d');
    expect(toHex(hashLeaf(utf8('L123456')))).toBe('395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56');
    expect(toHex(hashNode(utf8('N123'), utf8('N456')))).toBe('aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb');
  });
});

describe('paths', () => {
  it('lead to the root for every leaf of every size to 70, and to nothing else', () => {
    for (let size = 0; size <= 70; size++) {
      const hashes = leaves(size);
      const root = rootOf(hashes);
      for (let index = 0; index < size; index++) {
        const proof = { index, size, leafHash: hashes[index]!, path: inclusionPath(hashes, index), root };
        expect(verifyInclusion(proof)).toBe(true);
        if (size === 1) continue;
        expect(verifyInclusion({ ...proof, index: index ^ 1 })).toBe(false);
        expect(verifyInclusion({ ...proof, path: proof.path.slice(1) })).toBe(false);
        expect(verifyInclusion({ ...proof, path: [...proof.path, root] })).toBe(false);
        expect(verifyInclusion({ ...proof, leafHash: leafOf(1_000) })).toBe(false);
      }
      expect(toHex(root)).toBe(toHex(slowRoot(hashes)));
    }
  });

  it('prove every pair of sizes to 40 consistent, and no altered one', () => {
    const all = leaves(40);
    const roots = Array.from({ length: 41 }, (_, size) => rootOf(all.slice(0, size)));
    for (let second = 0; second <= 40; second++) {
      const hashes = all.slice(0, second);
      for (let first = 0; first <= second; first++) {
        const path = consistencyPath(hashes, first);
        const proof = { first, second, firstRoot: roots[first]!, secondRoot: roots[second]!, path };
        expect(verifyConsistency(proof)).toBe(true);
        expect(verifyConsistency({ ...proof, path: [...path, roots[1]!] })).toBe(false);
        expect(verifyConsistency({ ...proof, firstRoot: leafOf(999) })).toBe(false);
        if (first > 0) expect(verifyConsistency({ ...proof, secondRoot: leafOf(999) })).toBe(false);
        if (path.length > 0) expect(verifyConsistency({ ...proof, path: path.slice(1) })).toBe(false);
        if (path.length > 0) expect(verifyConsistency({ ...proof, path: [leafOf(999), ...path.slice(1)] })).toBe(false);
        if (first > 0 && first < second) expect(verifyConsistency({ ...proof, first: first - 1 })).toBe(false);
      }
    }
  });

  it('of absurd sizes are refused without work or error', () => {
    const hash = leafOf(0);
    const path = Array.from({ length: 48 }, () => hash);
    const proof = { index: 0, size: 1, leafHash: hash, path: [], root: hash };
    for (const [index, size] of [
      [0, 2 ** 54],
      [-1, 1],
      [1, 1],
      [0.5, 2],
      [Number.NaN, 3],
    ] as const)
      expect(verifyInclusion({ ...proof, index, size })).toBe(false);
    expect(verifyInclusion({ ...proof, index: 2 ** 47 + 1, size: 2 ** 48, path })).toBe(false);
    // The root of a larger tree whose size is understated: the path goes beyond the root of a tree of that size.
    const larger = hashNode(hash, hash);
    expect(verifyInclusion({ index: 0, size: 1, leafHash: hash, path: [hash], root: larger })).toBe(false);
    expect(
      verifyConsistency({ first: 1, second: 2, firstRoot: hash, secondRoot: hashNode(larger, hash), path: [hash, hash] }),
    ).toBe(false);
    expect(verifyInclusion({ ...proof, root: hash.subarray(1) })).toBe(false);
    expect(verifyInclusion({ ...proof, size: 2, path: [hash.subarray(1)] })).toBe(false);
    expect(verifyConsistency({ first: 2, second: 1, firstRoot: hash, secondRoot: hash, path: [] })).toBe(false);
    expect(verifyConsistency({ first: 1, second: 2 ** 60, firstRoot: hash, secondRoot: hash, path })).toBe(false);
  });

  it('work beyond 32-bit sizes', () => {
    // A leaf at the far end of a tree of 2^40 + 1 leaves has one sibling: the root of the first 2^40.
    const [left, leafHash] = [leafOf(1), leafOf(2)];
    const root = hashNode(left, leafHash);
    expect(verifyInclusion({ index: 2 ** 40, size: 2 ** 40 + 1, leafHash, path: [left], root })).toBe(true);
    expect(verifyInclusion({ index: 2 ** 40 - 1, size: 2 ** 40 + 1, leafHash, path: [left], root })).toBe(false);
    const consistency = { first: 2 ** 40, second: 2 ** 40 + 1, firstRoot: left, secondRoot: root, path: [leafHash] };
    expect(verifyConsistency(consistency)).toBe(true);
  });
});

describe('the tree', () => {
  const change = fc.tuple(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), fc.nat(1_000_000), fc.boolean());
  const batch = fc.array(change, { minLength: 1, maxLength: 12 });
  /** Turns positions in [0, 1) into an append or an index of a tree that grows on the way. */
  const resolve = (size: number, changes: readonly (readonly [number, number, boolean])[]) => {
    let grown = size;
    return changes.map(([position, value, append]) => {
      const index = append || grown === 0 ? grown++ : Math.floor(position * grown);
      return [index, leafOf(value)] as const;
    });
  };

  it('equals a rebuilt one after any updates and appends, one by one or in batches', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(batch, fc.boolean()), { maxLength: 8 }), (batches) => {
        const tree = createTree();
        const hashes: Uint8Array[] = [];
        for (const [changes, together] of batches) {
          const entries = resolve(tree.size, changes);
          if (together) tree.setMany(entries);
          else for (const [index, hash] of entries) tree.set(index, hash);
          for (const [index, hash] of entries) hashes[index] = hash;
          expectSameTree(tree, hashes);
        }
      }),
    );
  });

  it('has the same paths when its leaves lie one after the other', () => {
    for (let size = 0; size <= 20; size += 1) expectSameTree(viewOfLeaves(concat(...leaves(size))), leaves(size));
  });

  it('knows each older state from the leaves that changed since', () => {
    fc.assert(
      fc.property(fc.nat(40), fc.array(batch, { maxLength: 6 }), (start, batches) => {
        const tree = createTree();
        tree.setMany(leaves(start).entries());
        const old = leaves(start);
        const oldRoot = tree.root();
        const overrides = new Map<number, Uint8Array>();
        for (const entries of batches.map((changes) => resolve(tree.size, changes))) {
          for (const [index] of entries) if (!overrides.has(index) && index < start) overrides.set(index, tree.leaf(index));
          tree.setMany(entries);
        }
        expectSameTree(tree.at(start, overrides), old);
        expect(tree.rootAt(start, overrides)).toEqual(oldRoot);
        for (let index = 0; index < start; index++)
          expect(tree.pathAt(index, start, overrides)).toEqual(inclusionPath(old, index));
        for (let first = 0; first <= start; first++)
          expect(tree.at(start, overrides).consistency(first)).toEqual(consistencyPath(old, first));
        // Saved and taken up again, it is the same tree, and grows on.
        const again = createTree(tree.save().map((nodes) => nodes.slice()));
        expect(again.root()).toEqual(tree.root());
        const present = Array.from({ length: tree.size }, (_, index) => tree.leaf(index));
        again.setMany([[again.size, leafOf(7)]]);
        expectSameTree(again, [...present, leafOf(7)]);
      }),
    );
  });

  it('ignores overrides beyond the older size', () => {
    const tree = createTree();
    tree.setMany(leaves(9).entries());
    expect(tree.rootAt(5, new Map([[7, leafOf(70)]]))).toEqual(rootOf(leaves(5)));
  });

  it('hands out copies', () => {
    const tree = createTree();
    tree.setMany(leaves(3).entries());
    const root = tree.root();
    tree.root().fill(0);
    tree.path(0).forEach((hash) => hash.fill(0));
    tree.leaf(0).fill(0);
    createTree().root().fill(0);
    expect(tree.root()).toEqual(root);
    expect(toHex(EMPTY_ROOT).slice(0, 8)).toBe('e3b0c442');
  });

  it('refuses indexes and hashes out of range and stays as it was', () => {
    const tree = createTree();
    tree.setMany(leaves(3).entries());
    for (const index of [-1, 4, 0.5]) expect(() => tree.set(index, leafOf(0))).toThrow(RangeError);
    expect(() => tree.set(0, fromHex('00'))).toThrow(RangeError);
    for (const index of [-1, 3, 0.5]) expect(() => tree.path(index)).toThrow(RangeError);
    for (const index of [-1, 3, 0.5]) expect(() => tree.leaf(index)).toThrow(RangeError);
    for (const size of [-1, 4, 0.5]) expect(() => tree.at(size)).toThrow(RangeError);
    for (const first of [-1, 4, 0.5]) expect(() => tree.consistency(first)).toThrow(RangeError);
    expect(tree.root()).toEqual(rootOf(leaves(3)));
  });

  it('stays right when a batch holds a refused entry', () => {
    const tree = createTree();
    tree.setMany(leaves(3).entries());
    const batch: [number, Uint8Array][] = [
      [3, leafOf(3)],
      [9, leafOf(9)],
    ];
    expect(() => tree.setMany(batch)).toThrow(RangeError);
    expectSameTree(tree, leaves(4));
  });

  it('holds 100,000 leaves', () => {
    const tree = createTree();
    tree.setMany(leaves(100_000).entries());
    tree.set(54_321, leafOf(-1));
    const proof = { index: 54_321, size: 100_000, leafHash: leafOf(-1), path: tree.path(54_321), root: tree.root() };
    expect(verifyInclusion(proof)).toBe(true);
    expect(proof.path).toHaveLength(17);
  });
});
