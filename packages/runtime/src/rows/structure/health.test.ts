// Rows that are too large to be checked when they are opened: a row that is hidden is found soon after, and from then
// on nothing is read or written.
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openRows } from '../open-rows.ts';
import { STRUCTURE_BYTES } from '../peek.ts';
import type { Rows } from '../types.ts';

const KEY = Buffer.from('key-7-of-many');
const RANGE = { gte: Buffer.of(0), lt: Buffer.of(0xff) };
let folder: string;
let sound: Buffer;
let rows: Rows;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-health-'));
  rows = await openRows(folder);
  await rows.batch(Array.from({ length: 50 }, (_, at) => ({ key: Buffer.from(`key-${at}-of-many`), value: Buffer.from('v') })));
  await rows.batch([{ key: Buffer.from('large'), value: Buffer.alloc(STRUCTURE_BYTES) }]);
  await rows.close();
  sound = await readFile(join(folder, 'rows'));
});
afterEach(async () => {
  await rows.close();
  await rm(folder, { recursive: true, force: true });
});

const damaged = expect.objectContaining({ trouble: 'damaged', message: expect.stringContaining('does not fit the rows') });
/** Of all files, by name. */
async function hashOf(): Promise<string> {
  const hash = createHash('sha256');
  for (const name of (await readdir(folder)).toSorted()) hash.update(name).update(await readFile(join(folder, name)));
  return hash.digest('hex');
}

/** Changes the key in the table or in the index, whichever page comes first or last. */
async function damage(which: 'indexOf' | 'lastIndexOf'): Promise<void> {
  const bytes = Buffer.from(sound);
  bytes[bytes[which](KEY) + 4]! ^= 1;
  await writeFile(join(folder, 'rows'), bytes);
}

it.each(['indexOf', 'lastIndexOf'] as const)('a hidden row is found behind the opening, and for good (%s)', async (which) => {
  await damage(which);
  rows = await openRows(folder);
  const snapshot = rows.snapshot();
  await expect.poll(() => rows.get(Buffer.from('large'))?.length, { timeout: 20_000 }).toBe(STRUCTURE_BYTES);
  await expect
    .poll(
      () => {
        try {
          return rows.get(KEY) === null;
        } catch (error) {
          return error;
        }
      },
      { timeout: 20_000 },
    )
    .toEqual(damaged);
  const scan = async () => {
    for await (const _ of rows.scan(RANGE));
  };
  await expect(scan()).rejects.toEqual(damaged);
  await expect(rows.batch([{ key: KEY, value: null }])).rejects.toEqual(damaged);
  expect(() => snapshot.get(KEY)).toThrow(damaged);
  snapshot.close();
  await rows.close();
  const before = await hashOf();
  await expect(openRows(folder)).rejects.toEqual(damaged);
  expect(await hashOf()).toBe(before);
  await writeFile(join(folder, 'rows'), sound); // as restored
  rows = await openRows(folder);
  expect(rows.get(KEY)?.toString()).toBe('v');
});

it('sound rows are read and written during the sweep and after it, and closed in its middle', async () => {
  rows = await openRows(folder);
  await new Promise((resolve) => setTimeout(resolve, 5_200));
  await rows.batch([{ key: KEY, value: Buffer.from('w') }]);
  expect(rows.get(KEY)?.toString()).toBe('w');
  await rows.close();
  expect((await readdir(folder)).toSorted()).toEqual(['acknowledged', 'lock', 'rows']);
});
