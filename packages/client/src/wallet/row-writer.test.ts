import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { systemClock } from '../clock.ts';
import { createRowWriter } from './row-writer.ts';

/** A disk whose writes end when the test says so. */
function slowDisk() {
  const groups: { operations: string[]; sync: boolean; end(error?: Error): Promise<void> }[] = [];
  const writer = createRowWriter<string>((operations, sync) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const end = async (error?: Error): Promise<void> => {
      if (error) reject(error);
      else resolve();
      for (let turn = 0; turn < 4; turn += 1) await nextTurn();
    };
    groups.push({ operations, sync, end });
    return promise;
  }, systemClock);
  return { groups, writer };
}

it('writes one group at a time; what arrives meanwhile is the next, in order', async () => {
  const { groups, writer } = slowDisk();
  const first = writer.write(['a']);
  writer.writeSoon(['b']);
  await nextTurn();
  const second = writer.write(['c'], { sync: true });
  writer.writeSoon(['d']);
  await nextTurn();
  expect(groups).toMatchObject([{ operations: ['a', 'b'], sync: false }]);
  await groups[0]!.end();
  await first;
  expect(groups[1]).toMatchObject({ operations: ['c', 'd'], sync: true });
  await groups[1]!.end();
  await second;
  await writer.flushed();
  expect(groups).toHaveLength(2);
});

it('syncs what waits for the next group and finds none', async () => {
  const { groups, writer } = slowDisk();
  writer.writeLater(['a']);
  const flushed = writer.flushed();
  await nextTurn();
  await nextTurn();
  expect(groups).toMatchObject([{ operations: ['a'], sync: true }]);
  await groups[0]!.end();
  await flushed;
  writer.writeLater(['b']);
  await expect.poll(() => groups[1], { timeout: 5_000 }).toMatchObject({ operations: ['b'], sync: true });
  await groups[1]!.end();
});

it('reports a failure to callers that wait, and retries the rest before the next group', async () => {
  const { groups, writer } = slowDisk();
  const failing = writer.write(['a']);
  writer.writeSoon(['b']);
  await nextTurn();
  await Promise.all([expect(failing).rejects.toThrow('disk full'), groups[0]!.end(new Error('disk full'))]);
  expect(groups).toHaveLength(1); // not again by itself
  const next = writer.write(['c']);
  await nextTurn();
  expect(groups[1]).toMatchObject({ operations: ['b', 'c'] });
  await groups[1]!.end();
  await next;
  expect(groups).toHaveLength(2);
});

it('is caught up once what failed is written, and says so when it fails again', async () => {
  const { groups, writer } = slowDisk();
  await writer.caughtUp();
  writer.writeSoon(['a']);
  await nextTurn();
  await groups[0]!.end(new Error('disk full'));
  const again = writer.caughtUp();
  await nextTurn();
  expect(groups[1]).toMatchObject({ operations: ['a'] });
  await Promise.all([expect(again).rejects.toThrow('disk full'), groups[1]!.end(new Error('disk full'))]);
  const last = writer.caughtUp();
  await nextTurn();
  await groups[2]!.end();
  await last;
  await writer.caughtUp();
  expect(groups).toHaveLength(3);
});

it('tries once more before it is flushed', async () => {
  const { groups, writer } = slowDisk();
  writer.writeSoon(['a']);
  await nextTurn();
  await groups[0]!.end(new Error('disk full'));
  const flushed = writer.flushed();
  for (let turn = 0; turn < 2; turn += 1) await nextTurn();
  await groups[1]!.end(new Error('disk full'));
  await flushed;
  expect(groups.map(({ operations }) => operations)).toEqual([['a'], ['a']]);
});
