import { FRAME } from '@tributary/schemas';
import type { Clock } from '../clock.ts';
import { ClientError } from '../errors.ts';
import { encodeFrame, type EncodedFrame } from './frame.ts';
import { createFrameQueue, joined, type FrameQueue, type QueuedFrame } from './frame-queue.ts';
import { creditHoldMs, creditShareOfWindow, linkBatchBytesMax } from './limits.ts';
import { createStallWatch, createTurns } from './schedule.ts';
import type { ByteStream } from './types.ts';

/** Outgoing frames: one write per turn. Answers and results are sent only as far as the peer's credit allows. */
export interface Outbox {
  /** Queues a frame that needs no credit. `written` runs when the transport has taken it. */
  send(frame: EncodedFrame, written?: () => void): void;
  /** Queues an answer or a result. */
  sendWindowed(frame: EncodedFrame, written: () => void): void;
  /** Applies the peer's hello: how many bytes may be sent ahead of credit. */
  open(windowBytes: number): void;
  /**
   * Adds the credit that the peer sent.
   *
   * @throws ClientError LINK_PROTOCOL when it exceeds what was sent
   */
  credited(bytes: number): void;
  /** Counts bytes that this side consumed. The peer gets the credit with the next write. */
  consumed(bytes: number): void;
  /** Consumed bytes whose credit has not been written. */
  readonly uncreditedBytes: number;
  /** True while an answer waits for credit or for the transport. */
  readonly backlogged: boolean;
  readonly bufferedBytes: number;
  /** Drops what is queued, after a last write if the stream still works. */
  stop(lastWrite: boolean): void;
}

export interface OutboxOptions {
  readonly stream: ByteStream;
  readonly clock: Clock;
  readonly stallTimeoutMs: number;
  /** Bytes that the peer may send ahead of credit. */
  readonly windowBytes: number;
  /** Called when queued output made no progress for the whole stall time. */
  stalled(): void;
  /** Called after a write that emptied the queue of answers. */
  relieved(): void;
  /** Called with every change of the number of held bytes. */
  holds(bytes: number): void;
}

export function createOutbox({ stream, clock, stallTimeoutMs, windowBytes, stalled, relieved, holds }: OutboxOptions): Outbox {
  const plain = createFrameQueue(holds);
  const windowed = createFrameQueue(holds);
  const window = createWindow();
  let blocked = false;
  let stopped = false;

  const flush = (): void => {
    const hadAnswers = windowed.bytes > 0;
    while (!blocked && !stopped) {
      const batch = nextBatch(credit.take(), plain, windowed, window);
      if (batch.length === 0) break;
      blocked = !stream.write(joined(batch));
      for (const { written } of batch) written?.();
    }
    if (stopped) return;
    if (hadAnswers && windowed.bytes === 0) relieved();
    watch.start();
  };
  const watch = createStallWatch(clock, stallTimeoutMs, [plain, windowed], stalled);
  const turns = createTurns(flush);
  const credit = createCredit(clock, windowBytes, turns.later);
  const add = (queue: FrameQueue, item: QueuedFrame): void => {
    if (stopped) return;
    queue.add(item);
    turns.soon();
  };
  stream.onDrain(() => {
    blocked = false;
    flush();
  });

  return {
    send: (frame, written) => add(plain, { frame, written }),
    sendWindowed: (frame, written) => add(windowed, { frame, written }),
    open: (windowBytes) => window.open(windowBytes),
    credited(bytes) {
      window.credit(bytes);
      if (windowed.bytes > 0) turns.soon();
    },
    consumed: (bytes) => credit.add(bytes),
    get uncreditedBytes() {
      return credit.bytes();
    },
    get backlogged() {
      const first = windowed.first();
      return first !== undefined && (blocked || !window.allows(first.frame.bytes));
    },
    get bufferedBytes() {
      return plain.bytes + windowed.bytes;
    },
    stop(lastWrite) {
      if (stopped) return;
      if (lastWrite) flush();
      stopped = true;
      credit.stop();
      watch.stop();
      plain.clear();
      windowed.clear();
    },
  };
}

/**
 * The content of one write: the credit that is due, then requests and refusals, then answers as far as the window
 * allows.
 */
function nextBatch(creditBytes: number, plain: FrameQueue, windowed: FrameQueue, window: Window): QueuedFrame[] {
  const batch: QueuedFrame[] = [];
  let room = linkBatchBytesMax;
  if (creditBytes > 0) batch.push({ frame: encodeFrame(FRAME.credit, 0, { bytes: creditBytes }), written: undefined });
  for (let next = plain.first(); next !== undefined && room > 0; next = plain.first()) {
    batch.push(plain.take(next));
    room -= next.frame.bytes;
  }
  for (let next = windowed.first(); next !== undefined && room > 0; next = windowed.first()) {
    if (!window.allows(next.frame.bytes)) break;
    window.spend(next.frame.bytes);
    batch.push(windowed.take(next));
    room -= next.frame.bytes;
  }
  return batch;
}

type Window = ReturnType<typeof createWindow>;

/** Bytes that may be sent without credit. One frame may exceed it when nothing is outstanding. */
function createWindow() {
  let size = 0;
  let outstanding = 0;
  return {
    open: (bytes: number) => void (size = bytes),
    allows: (bytes: number) => outstanding === 0 || outstanding + bytes <= size,
    spend: (bytes: number) => void (outstanding += bytes),
    credit(bytes: number): void {
      if (bytes > outstanding) throw new ClientError('LINK_PROTOCOL', `credit for ${bytes} bytes; only ${outstanding} were sent`);
      outstanding -= bytes;
    },
  };
}

/**
 * Consumed bytes whose credit is not written yet. A frame for each answer would wake the peer for nothing. So credit
 * goes with the next request, and becomes `due` on its own only when it is a large part of the window or has waited
 * long.
 */
function createCredit(clock: Clock, windowBytes: number, due: () => void) {
  let bytes = 0;
  let stopWaiting: (() => void) | undefined;
  const waited = (): void => {
    stopWaiting = undefined;
    if (bytes > 0) due();
  };
  return {
    bytes: () => bytes,
    add(consumed: number): void {
      bytes += consumed;
      if (bytes * creditShareOfWindow >= windowBytes) due();
      else stopWaiting ??= clock.after(creditHoldMs, waited);
    },
    take(): number {
      const taken = bytes;
      bytes = 0;
      return taken;
    },
    stop: () => stopWaiting?.(),
  };
}
