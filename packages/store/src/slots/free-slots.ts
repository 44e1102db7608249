/** Free slots of an index as a group of writes sees them. The list itself changes when the group is published. */
export interface FreeSlots {
  readonly length: number;
  /** A free slot, the latest first; undefined when there is none. */
  take(): number | undefined;
  add(slots: readonly number[]): void;
  /** Applies what the group took and added. */
  publish(): void;
}

/**
 * Costs what the group changes, however many slots are free: after a deletion that may be hundreds of thousands, more
 * than a call takes as arguments.
 *
 * @param free changes only in {@link FreeSlots.publish}
 */
export function draftFreeSlots(free: number[]): FreeSlots {
  const added: number[] = [];
  let left = free.length;
  return {
    get length() {
      return left + added.length;
    },
    take() {
      if (added.length > 0) return added.pop();
      return left > 0 ? free[--left] : undefined;
    },
    add(slots) {
      for (const slot of slots) added.push(slot);
    },
    publish() {
      free.length = left;
      for (const slot of added) free.push(slot);
    },
  };
}
