import type { RecordInput } from '@tributary/schemas';
import { planSampleChunks } from '../limits.ts';

/** Chunks from all over a collection, to measure how long embedding all of them takes. */
export interface Sample {
  add(record: RecordInput): void;
  readonly count: number;
  /** Seconds for all records by the time that the sample took, by length of text; null when there are none. */
  measure(embed: (records: RecordInput[]) => Promise<void>, now?: () => number): Promise<number | null>;
}

/** Embedded side by side, and how long at most: on a slow machine a few tell enough. */
const GROUP = 4;
const MEASURE_MS = 2_000;

/** Every n-th record, n doubling when there are too many: no part of the collection counts for more than another. */
export function createSample(size = planSampleChunks): Sample {
  let kept: RecordInput[] = [];
  let [stride, count, units] = [1, 0, 0];
  return {
    add(record) {
      if (count % stride === 0) {
        if (kept.length === size) {
          kept = kept.filter((_, at) => at % 2 === 0);
          stride *= 2;
        }
        if (count % stride === 0) kept.push(record);
      }
      count += 1;
      units += unitsOf(record);
    },
    get count() {
      return count;
    },
    async measure(embed, now = () => performance.now()) {
      // The first texts wait for workers that only just start.
      const warm = kept.splice(0, kept.length > 2 * GROUP ? GROUP : 0);
      if (warm.length > 0) await embed(warm);
      const started = now();
      let sampled = 0;
      while (kept.length > 0 && now() - started < MEASURE_MS) {
        const group = kept.splice(0, GROUP);
        await embed(group);
        sampled += group.reduce((sum, record) => sum + unitsOf(record), 0);
      }
      return sampled === 0 ? null : ((now() - started) / 1_000 / sampled) * units;
    },
  };
}

const unitsOf = ({ text = '', source }: RecordInput): number => text.length + (source?.context.length ?? 0);
