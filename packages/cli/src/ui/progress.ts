import progress from 'cli-progress';
import { printable, type Output } from './output.ts';

/** Progress of long work: on a terminal a bar with rate and remaining time, elsewhere a line every ten seconds. */
export interface Progress {
  update(state: { done: number; total: number; note: string; secondsLeft: number | null }): void;
  stop(): void;
}

const QUIET_INTERVAL_MS = 10_000;

export function createProgress(title: string, output: Output, now: () => number = Date.now): Progress {
  return output.terminal ? terminalProgress(title) : quietProgress(title, output, now);
}

function terminalProgress(title: string): Progress {
  const bar = new progress.SingleBar({
    format: (options, params, payload) => {
      const filled = progress.Format.BarFormat(params.progress, options);
      return `${title} ${filled} ${Math.floor(params.progress * 100)}%  ${printable(payload.note)}  ${left(payload.secondsLeft)}`;
    },
    barsize: 30,
    hideCursor: true,
    clearOnComplete: false,
    stopOnComplete: false,
    gracefulExit: false,
    stream: process.stderr,
  });
  let started = false;
  return {
    update: ({ done, total, note, secondsLeft }) => {
      if (!started) bar.start(total, done, { note, secondsLeft });
      started = true;
      bar.setTotal(total);
      bar.update(done, { note, secondsLeft });
    },
    stop: () => bar.stop(),
  };
}

function quietProgress(title: string, output: Output, now: () => number): Progress {
  let last = now();
  return {
    update: ({ done, total, note, secondsLeft }) => {
      if (now() - last < QUIET_INTERVAL_MS) return;
      last = now();
      output.note([`${title}: ${done} of ${total}`, note, left(secondsLeft)].filter(Boolean).join(', '));
    },
    stop: () => undefined,
  };
}

function left(seconds: number | null): string {
  return seconds === null ? '' : `${duration(seconds)} left`;
}

/** Seconds in words. */
export function duration(seconds: number): string {
  if (seconds < 1) return 'under 1 s';
  if (seconds < 90) return `${Math.round(seconds)} s`;
  return seconds < 5_400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3_600).toFixed(1)} h`;
}
