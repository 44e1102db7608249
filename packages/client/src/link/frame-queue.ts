import type { EncodedFrame } from './frame.ts';

/** A frame waiting to be written, and who hears when it was. */
export interface QueuedFrame {
  readonly frame: EncodedFrame;
  readonly written: (() => void) | undefined;
}

/** Frames first in, first out, with their bytes counted. Taking costs the same however long the queue is. */
export interface FrameQueue {
  add(item: QueuedFrame): void;
  first(): QueuedFrame | undefined;
  last(): QueuedFrame | undefined;
  has(item: QueuedFrame): boolean;
  take(item: QueuedFrame): QueuedFrame;
  clear(): void;
  readonly bytes: number;
}

/** @param holds hears of every change of the bytes */
export function createFrameQueue(holds: (bytes: number) => void): FrameQueue {
  const items = new Set<QueuedFrame>();
  let bytes = 0;
  let last: QueuedFrame | undefined;
  return {
    add(item) {
      items.add(item);
      last = item;
      bytes += item.frame.bytes;
      holds(item.frame.bytes);
    },
    first: () => items.values().next().value,
    last: () => (last !== undefined && items.has(last) ? last : undefined),
    has: (item) => items.has(item),
    take(item) {
      items.delete(item);
      bytes -= item.frame.bytes;
      holds(-item.frame.bytes);
      return item;
    },
    clear() {
      items.clear();
      holds(-bytes);
      bytes = 0;
    },
    get bytes() {
      return bytes;
    },
  };
}

/** One piece of memory for one write. */
export function joined(batch: readonly QueuedFrame[]): Uint8Array {
  const first = batch[0]!.frame;
  if (batch.length === 1 && first.body.length === 0) return first.prefix;
  return Buffer.concat(batch.flatMap(({ frame }) => (frame.body.length === 0 ? [frame.prefix] : [frame.prefix, frame.body])));
}
