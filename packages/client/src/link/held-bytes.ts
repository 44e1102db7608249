/**
 * Bytes that a node holds for all its links together: requests in progress, answers not yet taken, incomplete frames.
 */
export interface HeldBytes {
  /** Adds a link until it leaves. `cut` closes it; `stranger` says whether it is closed before others. */
  join(cut: () => void, stranger: () => boolean): HeldShare;
  readonly bytes: number;
}

export interface HeldShare {
  add(bytes: number): void;
  leave(): void;
}

interface Share {
  bytes: number;
  readonly cut: () => void;
  readonly stranger: () => boolean;
}

/**
 * Above the limit the link that holds most is closed, strangers first. So a slow reader loses its own link, never that
 * of another.
 */
export function createHeldBytes(bytesMax: number): HeldBytes {
  const shares = new Set<Share>();
  let total = 0;
  const leave = (share: Share): void => {
    if (!shares.delete(share)) return;
    total -= share.bytes;
  };
  const relieve = (): void => {
    while (total > bytesMax) {
      const holding = [...shares].filter(({ bytes }) => bytes > 0).toSorted((a, b) => b.bytes - a.bytes);
      const next = holding.find(({ stranger }) => stranger()) ?? holding[0];
      if (next === undefined) return;
      leave(next);
      next.cut();
    }
  };
  return {
    join(cut, stranger) {
      const share: Share = { bytes: 0, cut, stranger };
      shares.add(share);
      return {
        add(bytes) {
          if (!shares.has(share)) return;
          share.bytes += bytes;
          total += bytes;
          if (bytes > 0) relieve();
        },
        leave: () => leave(share),
      };
    },
    get bytes() {
      return total;
    },
  };
}
