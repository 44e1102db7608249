import { createTree, hashLeaf, toHex, u32 } from '@tributary/proof/primitives';
import { expect, it } from 'vitest';
import { pathsKey } from './keys.ts';
import { encodePaths, groupOf, markGone, markLive, PATHS_TOGETHER, pathsFrom, readPaths, readPlace } from './write-paths.ts';

const WRITE = 'ab'.repeat(32);

function rowsOf(size: number) {
  const tree = createTree();
  tree.setMany(Array.from({ length: size }, (_, at) => [at, hashLeaf(u32(at))] as const));
  const rows = new Map<string, Buffer>();
  for (let first = 0; first < size; first += PATHS_TOGETHER) {
    const paths = pathsFrom(tree, first, WRITE);
    for (let at = first; at < Math.min(size, first + PATHS_TOGETHER); at += 1) markLive(paths, at);
    rows.set(pathsKey(7, groupOf(first)).toString('hex'), encodePaths(paths));
  }
  return { tree, reader: { get: (key: Buffer) => rows.get(key.toString('hex')) }, bytes: [...rows.values()] };
}

it('gives the path of every entry in writes of any size', () => {
  for (const size of [1, 2, 3, 15, 16, 17, 31, 32, 33, 48, 49, 100, 255, 256, 257, 1_000]) {
    const { tree, reader } = rowsOf(size);
    for (let writeIndex = 0; writeIndex < size; writeIndex += 1) {
      const { write, path } = readPlace(reader, { version: 7, writeIndex });
      expect(write).toBe(WRITE);
      expect(path.map(toHex), `${writeIndex} of ${size}`).toEqual(tree.path(writeIndex).map(toHex));
    }
  }
});

it('takes 46 bytes a record in a write of a thousand', () => {
  const { bytes } = rowsOf(1_000);
  expect(bytes.reduce((sum, { length }) => sum + length, 0) / 1_000).toBeLessThan(47);
});

it('has no path for a record that is gone, or whose row is missing or cut', () => {
  const { reader } = rowsOf(20);
  const paths = readPaths(reader, { version: 7, writeIndex: 17 })!;
  markGone(paths, 17);
  const without = { get: () => encodePaths(paths) };
  expect(toHex(paths.write)).toBe(WRITE);
  expect(() => readPlace(without, { version: 7, writeIndex: 17 })).toThrow(expect.objectContaining({ code: 'STORE_DAMAGED' }));
  expect(readPlace(without, { version: 7, writeIndex: 18 }).path).toHaveLength(3);
  expect(() => readPlace(reader, { version: 8, writeIndex: 0 })).toThrow(expect.objectContaining({ code: 'STORE_DAMAGED' }));
  const cut = { get: (key: Buffer) => reader.get(key)!.subarray(0, 90) };
  expect(() => readPlace(cut, { version: 7, writeIndex: 0 })).toThrow(expect.objectContaining({ code: 'STORE_DAMAGED' }));
});
