import { describe, expect, it } from 'vitest';
import { createExposureCounts, isPastEpoch, splitExposureKey, type Exposure, type ExposureRow } from './exposure.ts';

const nameOf = ({ group, record }: ExposureRow) => Buffer.concat([group, record]).toString('hex');

function counter() {
  const counts = createExposureCounts();
  const stored = new Map<string, ExposureRow>();
  return {
    stored,
    show(exposure: Partial<Exposure> & { slots: number[] }, nowMs = 0, version = 1): number {
      const { slots, ...rest } = exposure;
      const caps = { exposurePerChannel: 3, exposurePerEpoch: 4, epochMs: 1_000 };
      const items = slots.map((slot) => ({ slot, version }));
      const rows = counts.check({ index: 'i', subject: 's', items, caps, ...rest }, nowMs, (row) => stored.has(nameOf(row)));
      for (const row of rows) stored.set(nameOf(row), row);
      counts.count(rows);
      return rows.length;
    },
  };
}

describe('exposure', () => {
  it('counts each revision of a record once for each subject and epoch', () => {
    const { show } = counter();
    expect([show({ slots: [1, 2] }), show({ slots: [1, 2] }), show({ slots: [2] }, 0, 2)]).toEqual([4, 0, 2]);
    expect(() => show({ slots: [3] })).toThrow(expect.objectContaining({ code: 'EXPOSURE_CAP' }));
    expect(show({ slots: [1], subject: 'other' })).toBe(1);
    expect(show({ slots: [9], index: 'elsewhere' })).toBe(2);
  });

  it('shares an epoch among all subjects and starts anew with the next', () => {
    const { show } = counter();
    show({ slots: [1, 2, 3] });
    show({ slots: [4], subject: 'b' });
    expect(() => show({ slots: [5], subject: 'c' }, 999)).toThrow('epoch');
    expect(show({ slots: [5], subject: 'c' }, 1_000)).toBe(2);
  });

  it('knows its keys and which epochs are over', () => {
    const { show, stored } = counter();
    show({ slots: [1] }, 1_500);
    for (const row of stored.values()) {
      expect(splitExposureKey(Buffer.concat([row.group, row.record]))).toEqual(row);
      const isEpoch = row.group[0] === 'e'.charCodeAt(0);
      expect([isPastEpoch(row.group, 1_999), isPastEpoch(row.group, 2_000)]).toEqual([false, isEpoch]);
    }
    expect(splitExposureKey(Buffer.from('e1'))).toBeNull();
  });
});
