import type { ByteStream } from '@tributary/client/testing';
import type { Life } from './life.ts';
import type { Scheduler } from './scheduler.ts';

/** How one message travels. */
export interface Transit {
  readonly latencyMs: number;
  /** Number of pieces in which it arrives, `dripMs` apart. */
  readonly pieces: number;
  readonly dripMs: number;
  /** Share of its bytes that arrives before the connection breaks; null: it does not break. */
  readonly cutAfter: number | null;
  /** When the ends notice that it broke. */
  readonly noticeMs: number;
}

/** Bytes in transit in one direction at which `write` asks to wait. */
const highWaterBytes = 65_536;

export interface Wire {
  /** The end of the side that dialled, and that of the side that was dialled. */
  readonly ends: readonly [ByteStream, ByteStream];
  /** Breaks the connection. Each end notices after its time. */
  cut(noticeMs: readonly [number, number]): void;
}

/**
 * A connection of two machines. Bytes arrive in order, but late, in pieces, or not at all. A dead process receives and
 * sends nothing.
 */
export function createWire(
  scheduler: Scheduler,
  lives: readonly [Life, Life],
  travel: readonly [() => Transit, () => Transit],
): Wire {
  let broken = false;
  const cut = (noticeMs: readonly [number, number]): void => {
    if (broken) return;
    broken = true;
    for (const side of [0, 1] as const) scheduler.after(noticeMs[side], () => ends[side].lost());
  };
  const ends = [createEnd(lives[0]), createEnd(lives[1])] as const;
  for (const side of [0, 1] as const) {
    const to = ends[side === 0 ? 1 : 0];
    ends[side].connect(
      createPipe(
        scheduler,
        travel[side],
        () => broken,
        (noticeMs) => cut([noticeMs, noticeMs]),
        to.receive,
      ),
      () => to.finished(),
    );
  }
  return { ends: [ends[0].stream, ends[1].stream], cut };
}

interface Pipe {
  write(bytes: Uint8Array): boolean;
  onDrain(listener: () => void): void;
  /** Runs when everything written before has arrived. */
  last(run: () => void): void;
}

function createPipe(
  scheduler: Scheduler,
  travel: () => Transit,
  broken: () => boolean,
  cut: (noticeMs: number) => void,
  receive: (bytes: Uint8Array) => void,
): Pipe {
  let [underWay, arrivesAt, waits] = [0, 0, false];
  let drain: (() => void) | undefined;
  const deliver = (bytes: Uint8Array, atMs: number): void => {
    arrivesAt = Math.max(arrivesAt, atMs);
    scheduler.after(arrivesAt - scheduler.now, () => {
      underWay -= bytes.length;
      if (broken()) return;
      receive(bytes);
      if (!waits || underWay >= highWaterBytes) return;
      waits = false;
      drain?.();
    });
  };
  return {
    write(bytes) {
      if (broken()) return true; // these bytes go into a connection that nobody knows to be broken
      const { latencyMs, pieces, dripMs, cutAfter, noticeMs } = travel();
      const arrives = cutAfter === null ? bytes : bytes.subarray(0, Math.floor(bytes.length * cutAfter));
      underWay += arrives.length;
      const size = Math.max(1, Math.ceil(arrives.length / pieces));
      for (let at = 0, piece = 0; at < arrives.length; at += size, piece += 1)
        deliver(arrives.subarray(at, at + size), scheduler.now + latencyMs + piece * dripMs);
      if (cutAfter !== null) scheduler.after(Math.max(arrivesAt - scheduler.now, latencyMs) + 0.01, () => cut(noticeMs));
      waits = underWay >= highWaterBytes;
      return !waits;
    },
    onDrain: (listener) => void (drain = listener),
    last: (run) => void scheduler.after(Math.max(0, arrivesAt - scheduler.now) + 0.5, run),
  };
}

/** One end: a stream for the link, and what the wire reports to it. */
function createEnd(life: Life) {
  const held: Uint8Array[] = [];
  let [closed, paused, peerDone] = [false, false, false];
  let pipe: Pipe;
  let tellPeer: () => void;
  let onData: ((bytes: Uint8Array) => void) | undefined;
  let onClose: ((error?: Error) => void) | undefined;
  const close = (error?: Error): void => {
    if (closed || life.dead) return;
    closed = true;
    onClose?.(error);
  };
  const flow = (): void => {
    while (!paused && !closed && !life.dead && onData && held.length > 0) onData(held.shift()!);
    if (peerDone && held.length === 0) close();
  };
  const leave = (error?: Error): void => {
    if (closed || life.dead) return;
    pipe.last(tellPeer);
    close(error);
  };
  const stream: ByteStream = {
    write: (bytes) => (closed || life.dead ? false : pipe.write(bytes)),
    onDrain: (listener) => pipe.onDrain(() => closed || life.dead || listener()),
    onData(listener) {
      onData = listener;
      queueMicrotask(flow);
    },
    pause: () => void (paused = true),
    resume() {
      paused = false;
      queueMicrotask(flow);
    },
    close: () => leave(),
    abort: (error) => leave(error),
    onClose: (listener) => void (onClose = listener),
  };
  return {
    stream,
    connect(out: Pipe, told: () => void) {
      pipe = out;
      tellPeer = told;
    },
    receive(bytes: Uint8Array) {
      if (closed || life.dead) return;
      held.push(bytes);
      flow();
    },
    finished() {
      peerDone = true;
      flow();
    },
    lost: () => close(new Error('the connection broke')),
  };
}
