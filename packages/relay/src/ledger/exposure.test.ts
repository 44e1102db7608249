import { describe, expect, it } from 'vitest';
import {
  createExposureHolds,
  exposureRows,
  isPastEpoch,
  splitExposureKey,
  type Exposure,
  type ExposureRow,
  type Viewer,
} from './exposure.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const nameOf = ({ group, record }: ExposureRow) => hex(group) + hex(record);
const caps = { exposurePerChannel: 3, exposurePerEpoch: 4, epochMs: 1_000 };
const capped = expect.objectContaining({ code: 'EXPOSURE_CAP' });

function counter() {
  const counts = new Map<string, number>();
  const stored = new Map<string, ExposureRow>();
  const holds = createExposureHolds();
  const count = (group: Uint8Array) => counts.get(hex(group)) ?? 0;
  return {
    stored,
    take: (viewer: Partial<Viewer>, most: number, nowMs = 0) =>
      holds.take({ index: 'i', channel: 'c', caps, ...viewer }, most, nowMs, count),
    show(exposure: Partial<Exposure> & { slots: number[] }, nowMs = 0, version = 1): number {
      const { slots, ...rest } = exposure;
      const items = slots.map((slot) => ({ slot, version }));
      const shown = exposureRows({ index: 'i', channel: 'c', items, caps, ...rest }, nowMs, {
        has: (row) => stored.has(nameOf(row)),
        count,
      });
      for (const row of shown.rows) stored.set(nameOf(row), row);
      for (const { group, count: number } of shown.counts) counts.set(hex(group), number);
      return shown.rows.length;
    },
  };
}

describe('exposure', () => {
  it('counts each revision of a record once for each channel and epoch', () => {
    const { show } = counter();
    expect([show({ slots: [1, 2] }), show({ slots: [1, 2] }), show({ slots: [2] }, 0, 2)]).toEqual([4, 0, 2]);
    expect(() => show({ slots: [3] })).toThrow(capped);
    expect(show({ slots: [1], channel: 'other' })).toBe(1);
    expect(show({ slots: [9], index: 'elsewhere' })).toBe(2);
  });

  it('shares an epoch among all channels and starts again with the next', () => {
    const { show } = counter();
    show({ slots: [1, 2, 3] });
    show({ slots: [4], channel: 'b' });
    expect(() => show({ slots: [5], channel: 'd' }, 999)).toThrow('epoch');
    expect(show({ slots: [5], channel: 'd' }, 1_000)).toBe(2);
  });

  it('counts the viewers of a free index together, by the smaller cap, in each epoch', () => {
    const { show, take } = counter();
    show({ slots: [1, 2], channel: null });
    expect(() => take({ channel: null }, 2)).toThrow(expect.objectContaining({ code: 'EXPOSURE_CAP', retryAfterMs: 1_000 }));
    take({ channel: null }, 1).release();
    show({ slots: [3], channel: null });
    expect(() => take({ channel: null }, 1, 999)).toThrow('the next epoch begins in 1 second');
    expect(show({ slots: [4], channel: null }, 1_000)).toBe(1);
  });

  it('takes room before the answer is known, for all questions in progress', () => {
    const { show, take } = counter();
    const first = take({}, 2);
    expect(() => take({}, 2)).toThrow('1 is left: ask for at most 1 results');
    const second = take({}, 1);
    expect(() => take({}, 1)).toThrow(expect.objectContaining({ code: 'EXPOSURE_CAP', retryAfterMs: null }));
    show({ slots: [1] });
    first.release();
    first.release();
    second.release();
    take({}, 2).release();
    expect(() => take({}, 3)).toThrow(capped);
    expect(() => take({ channel: 'other' }, 4)).toThrow(capped);
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
