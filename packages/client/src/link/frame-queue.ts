import type { EncodedFrame } from './frame.ts';

/** A frame that waits to be written, with a callback for when it is. */
export interface QueuedFrame {
  readonly frame: EncodedFrame;
  readonly written: (() => void) | undefined;
}

/** Frames first in, first out, with a count of their bytes. Taking one is O(1). */
export interface FrameQueue {
  add(item: QueuedFrame): void;
  first(): QueuedFrame | undefined;
  last(): QueuedFrame | undefined;
  has(item: QueuedFrame): boolean;
  take(item: QueuedFrame): QueuedFrame;
  clear(): void;
  readonly bytes: number;
}

/** @param holds called at every change of the byte count */
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

/** Copies the frames into one buffer for one write. */
export function joined(batch: readonly QueuedFrame[]): Uint8Array {
  const first = batch[0]!.frame;
  if (batch.length === 1 && first.body.length === 0) return first.prefix;
  return Buffer.concat(batch.flatMap(({ frame }) => (frame.body.length === 0 ? [frame.prefix] : [frame.prefix, frame.body])));
}
