import { anonymousBytes } from '../vitals.ts';

/** Memory of this process that no file backs, in bytes, after a collection where `--expose-gc` allows one. */
export function anonymousAfterGc(): number {
  globalThis.gc?.();
  return anonymousBytes();
}
