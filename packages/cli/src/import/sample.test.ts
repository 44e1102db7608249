import { describe, expect, it } from 'vitest';
import { compareSample, createSample } from './sample.ts';

const records = Array.from({ length: 300 }, (_, at) => ({ id: `r${at}`, text: `text ${at}`, metadata: { at, b: 'x' } }));
const idsOf = (sample: ReturnType<typeof createSample>) =>
  sample
    .records()
    .map(({ id }) => id)
    .toSorted();
const sampleOf = (order: typeof records, size = 20) => {
  const sample = createSample([], size);
  for (const record of order) sample.take('', record);
  return sample;
};

describe('a sample', () => {
  it('is the same in any order, and after a stop', () => {
    const whole = idsOf(sampleOf(records));
    expect(whole).toHaveLength(20);
    expect(idsOf(sampleOf(records.toReversed()))).toEqual(whole);
    const resumed = createSample(sampleOf(records.slice(0, 150)).records(), 20);
    for (const record of records.slice(150)) resumed.take('', record);
    expect(idsOf(resumed)).toEqual(whole);
  });
  it('holds an id once, with its last content, and everything when there is little', () => {
    const sample = sampleOf([...records.slice(0, 3), { ...records[0]!, text: 'new' }]);
    expect(idsOf(sample)).toEqual(['r0', 'r1', 'r2']);
  });
  it('names the records that are missing or differ', async () => {
    const sample = sampleOf(records.slice(0, 4)).records();
    const there = [
      { ...records[0]!, metadata: { b: 'x', at: 0 } },
      { ...records[1]!, text: 'other' },
      { ...records[2]!, metadata: { at: 2 } },
    ];
    const index = { fetch: () => Promise.resolve(there as never) };
    const different = await compareSample(sample, index, { embed: true, signal: new AbortController().signal });
    expect(different.toSorted()).toEqual(['r1', 'r2', 'r3']);
  });
});
