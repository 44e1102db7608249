import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { openHeadFile, type Head } from './head-file.ts';

async function headPath(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-head-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return join(folder, 'head');
}

const headOf = (sequence: number): Head => ({ sequence, snapshot: sequence + 1, hash: new Uint8Array(32).fill(sequence) });

it('returns the last written head, even from another handle', async () => {
  const path = await headPath();
  const file = await openHeadFile(path);
  expect(await file.read()).toBe(null);
  for (const sequence of [0, 1, 2, 3]) await file.write(headOf(sequence));
  expect(await file.read()).toEqual(headOf(3));
  await file.close();
  const again = await openHeadFile(path);
  expect(await again.read()).toEqual(headOf(3));
  await again.write(headOf(4));
  expect(await again.read()).toEqual(headOf(4));
  await again.close();
});

it('falls back to the previous head when any byte of the newest is changed, and refuses when both are', async () => {
  const path = await headPath();
  const file = await openHeadFile(path);
  await file.write(headOf(1));
  await file.write(headOf(2));
  const bytes = await readFile(path);
  // The second write went to the first slot.
  for (let at = 0; at < 96; at += 1) {
    const torn = Buffer.from(bytes);
    torn[at]! ^= 0x40;
    await writeFile(path, torn);
    const other = await openHeadFile(path);
    expect(await other.read()).toEqual(headOf(1));
    await other.close();
    torn[4_096 + at]! ^= 0x40;
    await writeFile(path, torn);
    const none = await openHeadFile(path);
    await expect(none.read()).rejects.toMatchObject({ code: 'STORE_DAMAGED' });
    await none.close();
  }
  await file.close();
});
