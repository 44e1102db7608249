import type { IngestProgress } from '../types.ts';

/** Counts what an ingest has done and tells its caller. */
export interface Meter {
  phase(phase: IngestProgress['phase']): void;
  /** A file is finished. */
  file(bytes: number): void;
  /** Chunks are on disk. */
  chunks(count: number): void;
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
  let [done, bytes, written] = [0, 0, 0];
  const seconds = (): number => (now() - started) / 1_000;
  const report = (): void => {
    const elapsed = seconds();
    const left = bytes === 0 ? null : (elapsed / bytes) * (total.bytes - bytes);
    tell({ phase, done, total: total.files, bytes, rate: elapsed === 0 ? 0 : written / elapsed, secondsLeft: left });
  };
  return {
    phase(next) {
      phase = next;
      report();
    },
    file(size) {
      done += 1;
      bytes += size;
      report();
    },
    chunks(count) {
      written += count;
      report();
    },
    seconds,
  };
}
