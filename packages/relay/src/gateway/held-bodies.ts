import { RelayError } from '../errors.ts';

/** Bytes of large bodies that are being read or processed. */
export interface HeldBodies {
  /**
   * Takes room for a body. The returned function gives it back.
   *
   * @throws RelayError OVERLOADED
   */
  take(bytes: number): () => void;
}

export function createHeldBodies(bytesMax: number): HeldBodies {
  let held = 0;
  return {
    take(bytes) {
      if (held > 0 && held + bytes > bytesMax) {
        throw new RelayError('OVERLOADED', `the node is reading ${held} bytes of bodies already; try again`);
      }
      held += bytes;
      let given = false;
      return () => {
        if (!given) held -= bytes;
        given = true;
      };
    },
  };
}
