import type { IngestProgress } from '../reports.ts';

/** Counts what an ingest has done and tells its caller. */
export interface Meter {
  phase(phase: IngestProgress['phase']): void;
  /** Chunks that have their vectors. */
  embedded(chunks: number): void;
  /** Files whose documents are all on disk, by their bytes. */
  written(files: readonly number[]): void;
  seconds(): number;
}

/** @param now clock in milliseconds */
export function createMeter(
  total: { files: number; bytes: number },
  now: () => number,
  tell: (progress: IngestProgress) => void,
): Meter {
  const started = now();
  let phase: IngestProgress['phase'] = 'write';
  let [done, bytes, chunks] = [0, 0, 0];
  const seconds = (): number => (now() - started) / 1_000;
  const report = (): void => {
    const elapsed = seconds();
    const left = bytes === 0 ? null : (elapsed / bytes) * (total.bytes - bytes);
    tell({ phase, done, total: total.files, bytes, rate: elapsed === 0 ? 0 : chunks / elapsed, secondsLeft: left });
  };
  return {
    phase(next) {
      phase = next;
      report();
    },
    embedded(count) {
      chunks += count;
      report();
    },
    written(files) {
      done += files.length;
      bytes += files.reduce((sum, size) => sum + size, 0);
      report();
    },
    seconds,
  };
}
