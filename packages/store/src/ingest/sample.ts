import type { RecordInput } from '@tributary/schemas';
import { planSampleChunks } from '../limits.ts';

/** A sample of chunks from the whole collection, to estimate how long embedding all of them takes. */
export interface Sample {
  add(record: RecordInput): void;
  readonly count: number;
  /** Estimated seconds for all records: the time of the sample, scaled by length of text. Null when there are none. */
  measure(embed: (records: RecordInput[]) => Promise<void>, now?: () => number): Promise<number | null>;
}

/** Chunks embedded at once, and the longest time. On a slow machine a few chunks suffice. */
const GROUP = 4;
const MEASURE_MS = 2_000;

/** Keeps every n-th record; n doubles when there are too many. So all parts of the collection count equally. */
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
      // The first texts wait for workers that are still starting.
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
