import type { IngestProgress } from '../reports.ts';

/** Counts what an ingest has done and reports it to its caller. */
export interface Meter {
  phase(phase: IngestProgress['phase']): void;
  /** Counts chunks that have their vectors. */
  embedded(chunks: number): void;
  /** Counts files whose documents are all on disk, by their bytes. */
  written(files: readonly number[]): void;
}

/** The rate is measured over the last half minute, because the load of the machine changes. */
const RATE_WINDOW_MS = 30_000;

/** @param now clock in milliseconds */
export function createMeter(
  total: { files: number; bytes: number },
  now: () => number,
  tell: (progress: IngestProgress) => void,
): Meter {
  const started = now();
  let phase: IngestProgress['phase'] = 'write';
  let [done, bytes, chunks] = [0, 0, 0];
  const marks: { time: number; chunks: number }[] = [{ time: started, chunks: 0 }];
  const rate = (): number => {
    const [first] = marks;
    const elapsed = now() - first!.time;
    return elapsed <= 0 ? 0 : ((chunks - first!.chunks) * 1_000) / elapsed;
  };
  const report = (): void => {
    const left = bytes === 0 ? null : ((now() - started) / 1_000 / bytes) * (total.bytes - bytes);
    tell({ phase, done, total: total.files, chunks, bytes, rate: rate(), secondsLeft: left });
  };
  return {
    phase(next) {
      phase = next;
      report();
    },
    embedded(count) {
      chunks += count;
      const time = now();
      marks.push({ time, chunks });
      while (marks.length > 2 && marks[1]!.time < time - RATE_WINDOW_MS) marks.shift();
      report();
    },
    written(files) {
      // A file of which only the row changed does not count.
      const read = files.filter((size) => size > 0);
      done += read.length;
      bytes += read.reduce((sum, size) => sum + size, 0);
      report();
    },
  };
}
