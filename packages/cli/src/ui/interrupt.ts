/** Repeated Ctrl-C within this time count as one, because a shell and npm may each forward the same one. */
const SAME_SIGNAL_MS = 1_000;

/**
 * Turns SIGINT, SIGTERM and SIGHUP into an abort. A second Ctrl-C, more than a second later, ends the process at once.
 */
export function interruptible(): AbortSignal {
  const controller = new AbortController();
  let first = 0;
  const stop = () => {
    if (first === 0) first = Date.now();
    controller.abort();
  };
  process.on('SIGINT', () => {
    if (first !== 0 && Date.now() - first > SAME_SIGNAL_MS) endAtOnce();
    stop();
  });
  // A parent may send them after a Ctrl-C.
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  process.on('disconnect', stop); // the parent, `tributary start`, is gone
  process.channel?.unref(); // otherwise the listener would keep a failed child from ending
  return controller.signal;
}

/** Ends by the signal itself. `process.exit` would end threads while their native code runs, which prints a crash. */
function endAtOnce(): void {
  process.removeAllListeners('SIGINT');
  process.kill(process.pid, 'SIGINT');
}

/** Resolves when the signal fires. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
