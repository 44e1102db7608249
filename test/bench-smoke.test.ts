// Every benchmark runs, with sizes that say nothing about speed. Figures come from `npm run bench`.
import { describe, expect, it } from 'vitest';
import { BENCHES } from '../bench/src/benches.ts';
import { alternate, median, medianRatio, quantile, ratioRow, runBench, valueRow } from '../bench/src/harness.ts';
import { formatReport } from '../bench/src/table.ts';

describe('harness', () => {
  it('takes medians and quantiles', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(quantile([0, 10], 0.25)).toBe(2.5);
    expect(median([])).toBeNaN();
    expect(medianRatio([2, 9, 4], [1, 3, 4])).toBe(2);
  });

  it('reverses the order of the sides in every other round', async () => {
    const order: string[] = [];
    const side = (name: string) => () => Promise.resolve(order.push(name));
    const found = await alternate(3, { a: side('a'), b: side('b') });
    expect(order.join('')).toBe('abbaab');
    expect(found).toEqual({ a: [1, 4, 5], b: [2, 3, 6] });
  });

  it('reports whether a target is met, in words and in the table', () => {
    const good = ratioRow('speed', 'per second', [9, 10], [10, 10], 0.9);
    expect(good).toMatchObject({ ours: 9.5, baseline: 10, ratio: 0.95, aim: { met: true } });
    expect(valueRow('time', 'ms', 3, { atMost: 2 }).aim).toEqual({ text: '<= 2', met: false });
    expect(valueRow('time', 'ms', 3).aim).toBeNull();
    const table = formatReport('x', { rows: [good], notes: ['on a Tuesday'] });
    expect(table).toMatch(/^\| speed\s+\| 9\.5\s+\| 10\s+\| per second \| 0\.95\s+\| ratio >= 0\.9 \| yes \|$/m);
    expect(formatReport('x', { rows: [], notes: [], skipped: 'no data' })).toContain('skipped: no data');
  });
});

describe('benchmarks', () => {
  it.each(BENCHES.map((bench) => [bench.name, bench] as const))('%s runs', async (_, bench) => {
    const lines: string[] = [];
    const report = await runBench(bench, bench.smoke, { nodeOptions: [], progress: (line) => lines.push(line) });
    expect(lines.every((line) => line.startsWith(`${bench.name}: `))).toBe(true);
    if (report.skipped !== undefined) return;
    for (const { what, ours, baseline } of report.rows) {
      expect(what).not.toBe('');
      expect(ours, what).not.toBeNaN();
      expect(baseline, what).not.toBeNaN();
      if (what === 'books agree') expect(ours, report.notes.join('\n')).toBe(1);
    }
    expect(report.rows.length + report.notes.length).toBeGreaterThan(0);
  });
});
