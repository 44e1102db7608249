import type { RecordInput } from '@tributary/schemas';
import { planSampleChunks } from '../limits.ts';

/** Chunks from all over a collection, to measure how long embedding all of them takes. */
export interface Sample {
  add(record: RecordInput): void;
  readonly count: number;
  /** Seconds for all records by the time that the sample took, by length of text; null when there are none. */
  measure(embed: (records: RecordInput[]) => Promise<void>, now?: () => number): Promise<number | null>;
}

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
      const warm = kept.splice(0, kept.length > 8 ? 4 : 0);
      if (warm.length > 0) await embed(warm);
      const sampled = kept.reduce((sum, record) => sum + unitsOf(record), 0);
      if (sampled === 0) return null;
      const started = now();
      await embed(kept);
      return ((now() - started) / 1_000 / sampled) * units;
    },
  };
}

const unitsOf = ({ text = '', source }: RecordInput): number => text.length + (source?.context.length ?? 0);
