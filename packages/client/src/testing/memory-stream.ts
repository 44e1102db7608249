import type { ByteStream } from '../link/types.ts';

/** Bytes in transit through a memory pair at which `write` asks to wait. */
const HIGH_WATER_BYTES = 65_536;

/**
 * Two ends of one stream inside a process, with the back-pressure of a socket. What one end writes, the other reads in
 * a later turn. Bytes that are unread when the stream is closed are still delivered.
 */
export function memoryStreamPair(highWaterBytes = HIGH_WATER_BYTES): [ByteStream, ByteStream] {
  const there = createPipe(highWaterBytes);
  const back = createPipe(highWaterBytes);
  return [endOf(there, back), endOf(back, there)];
}

type Pipe = ReturnType<typeof createPipe>;

function endOf(out: Pipe, incoming: Pipe): ByteStream {
  let closed = false;
  let listener: ((error?: Error) => void) | undefined;
  const end = (error?: Error) => {
    if (closed) return;
    closed = true;
    listener?.(error);
  };
  incoming.onEnd((error) => {
    out.finish(true);
    end(error);
  });
  return {
    write: out.write,
    onDrain: out.onDrain,
    onData: incoming.onData,
    pause: incoming.pause,
    resume: incoming.resume,
    close() {
      out.finish(false);
      incoming.finish(true);
      end();
    },
    abort(error) {
      out.finish(true, error);
      incoming.finish(true);
      end(error);
    },
    onClose: (next) => void (listener = next),
  };
}

/** One direction. `finish` ends it once everything was read, or at once, dropping the unread bytes. */
function createPipe(highWaterBytes: number) {
  const queue: Uint8Array[] = [];
  let queuedBytes = 0;
  let paused = false;
  let planned = false;
  let writerWaits = false;
  let finished: 'no' | 'asked' | 'done' = 'no';
  let endError: Error | undefined;
  let data: ((bytes: Uint8Array) => void) | undefined;
  let drain: (() => void) | undefined;
  let ended: ((error?: Error) => void) | undefined;

  const run = (): void => {
    planned = false;
    while (queue.length > 0 && !paused && data !== undefined) {
      const bytes = queue.shift()!;
      queuedBytes -= bytes.length;
      data(bytes);
    }
    if (finished === 'asked' && queue.length === 0) {
      finished = 'done';
      ended?.(endError);
    } else if (finished === 'no' && writerWaits && queuedBytes < highWaterBytes) {
      writerWaits = false;
      drain?.();
    }
  };
  const plan = (): void => {
    if (planned || finished === 'done') return;
    planned = true;
    setImmediate(run);
  };
  return {
    write(bytes: Uint8Array): boolean {
      if (finished !== 'no') return false;
      queue.push(bytes);
      queuedBytes += bytes.length;
      plan();
      writerWaits = queuedBytes >= highWaterBytes;
      return !writerWaits;
    },
    onDrain: (listener: () => void) => void (drain = listener),
    onData(listener: (bytes: Uint8Array) => void): void {
      data = listener;
      plan();
    },
    pause: () => void (paused = true),
    resume(): void {
      paused = false;
      plan();
    },
    finish(atOnce: boolean, error?: Error): void {
      if (atOnce) queue.length = 0;
      if (finished !== 'no') return;
      finished = 'asked';
      endError = error;
      plan();
    },
    onEnd: (listener: (error?: Error) => void) => void (ended = listener),
  };
}
