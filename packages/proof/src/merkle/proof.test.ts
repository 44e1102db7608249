import { describe, expect, it } from 'vitest';
import { utf8 } from '../bytes.ts';
import { hashLeaf } from './hash.ts';
import { consistencyPath, rootOf, verifyConsistency, verifyInclusion } from './proof.ts';
import { inclusionPath } from '../testing/inclusion-path.ts';

const leaves = (n: number) => Array.from({ length: n }, (_, at) => hashLeaf(utf8(`leaf ${at}`)));
const inclusion = (index: number, size: number) => {
  const hashes = leaves(size);
  return { index, size, leafHash: hashes[index]!, path: inclusionPath(hashes, index), root: rootOf(hashes) };
};
const consistency = (first: number, second: number) => {
  const hashes = leaves(second);
  const roots = { firstRoot: rootOf(hashes.slice(0, first)), secondRoot: rootOf(hashes) };
  return { first, second, path: consistencyPath(hashes, first), ...roots };
};

// merkle.test.ts has larger trees. These are few enough for every mutation run.
describe('inclusion', () => {
  it('is proven for every leaf of trees to 9 leaves, and under no other size or index', () => {
    for (let size = 1; size <= 9; size += 1)
      for (let index = 0; index < size; index += 1) {
        const proof = inclusion(index, size);
        expect(verifyInclusion(proof)).toBe(true);
        for (let other = 0; other < size; other += 1) expect(verifyInclusion({ ...proof, index: other })).toBe(other === index);
      }
  });

  it('is false for sizes and indexes that are no sizes', () => {
    const proof = inclusion(1, 3);
    for (const wrong of [-1, 0.5, NaN, 2 ** 53]) {
      expect(verifyInclusion({ ...proof, index: wrong })).toBe(false);
      expect(verifyInclusion({ ...proof, size: wrong })).toBe(false);
    }
    expect(verifyInclusion({ ...proof, index: 3 })).toBe(false);
    expect(verifyInclusion({ ...inclusion(0, 1), index: -1 })).toBe(false);
  });

  it('is false when one hash has another length', () => {
    const proof = inclusion(1, 3);
    const short = proof.path.map((hash, at) => (at === 1 ? hash.slice(1) : hash));
    expect(verifyInclusion({ ...proof, path: short })).toBe(false);
    expect(verifyInclusion({ ...proof, leafHash: proof.leafHash.slice(1) })).toBe(false);
    expect(verifyInclusion({ ...proof, root: new Uint8Array(33) })).toBe(false);
  });
});

describe('consistency', () => {
  it('is proven for every pair of sizes to 9, and for no smaller first size with that path', () => {
    for (let second = 0; second <= 9; second += 1)
      for (let first = 0; first <= second; first += 1) {
        const proof = consistency(first, second);
        expect(verifyConsistency(proof)).toBe(true);
        if (first === 0) continue;
        for (let other = 0; other < first; other += 1) expect(verifyConsistency({ ...proof, first: other })).toBe(false);
      }
  });

  it('is false for sizes that are no sizes or in the wrong order', () => {
    const proof = consistency(3, 7);
    for (const wrong of [-1, 0.5, NaN, 2 ** 53]) {
      expect(verifyConsistency({ ...proof, first: wrong })).toBe(false);
      expect(verifyConsistency({ ...proof, second: wrong })).toBe(false);
    }
    const same = consistency(3, 3);
    expect(verifyConsistency({ ...same, first: 2.5, second: 2.5 })).toBe(false);
    expect(verifyConsistency({ ...same, first: -1, second: -1 })).toBe(false);
    expect(verifyConsistency({ ...same, first: 4 })).toBe(false);
  });

  it('is false when one hash has another length', () => {
    const proof = consistency(3, 7);
    expect(verifyConsistency({ ...proof, path: proof.path.map((hash, at) => (at === 0 ? hash.slice(1) : hash)) })).toBe(false);
    const same = { ...consistency(3, 3), firstRoot: new Uint8Array(31), secondRoot: new Uint8Array(31) };
    expect(verifyConsistency(same)).toBe(false);
  });
});
