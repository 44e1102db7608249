import { linkRecordsBytesMax } from '@tributary/schemas';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { nodeConnectionsMax, nodeRecordsBytesMax } from './limits.ts';
import { createRecordMemory, type RecordShare } from './record-memory.ts';

it('gives the first link all that a link may have, and later ones less', () => {
  const memory = createRecordMemory(nodeRecordsBytesMax);
  const shares = Array.from({ length: 4 }, () => memory.take().bytes);
  expect(shares[0]).toBe(linkRecordsBytesMax);
  expect(shares).toEqual(shares.toSorted((a, b) => b - a));
  expect(shares[3]).toBeLessThan(linkRecordsBytesMax);
});

it('never gives more than it has, however many links come and go, and leave twice', () => {
  const steps = fc.array(fc.nat(3), { maxLength: 2 * nodeConnectionsMax });
  fc.assert(
    fc.property(steps, fc.nat(nodeRecordsBytesMax), (list, bytesMax) => {
      const memory = createRecordMemory(bytesMax);
      const open: RecordShare[] = [];
      for (const step of list) {
        if (step > 0) open.push(memory.take());
        else for (const share of open.splice(0, 1)) for (let times = 0; times < 2; times += 1) share.leave();
        const taken = open.reduce((sum, { bytes }) => sum + bytes, 0);
        expect(taken).toBeLessThanOrEqual(bytesMax);
      }
      for (const share of open) share.leave();
      const whole = createRecordMemory(bytesMax).take().bytes;
      expect(memory.take().bytes).toBe(whole);
    }),
    { numRuns: 50 },
  );
});
