/** Seeded random numbers. `fork` returns a separate stream, so that one more decision does not shift all later ones. */
export interface Random {
  /** 0 to below 1. */
  next(): number;
  /** A whole number from 0 to below `end`. */
  int(end: number): number;
  between(low: number, high: number): number;
  chance(share: number): boolean;
  pick<T>(list: readonly T[]): T;
  bytes(length: number): Uint8Array;
  fork(name: string): Random;
}

export function createRandom(seed: string): Random {
  const next = sfc32(seed);
  const random: Random = {
    next,
    int: (end) => Math.floor(next() * end),
    between: (low, high) => low + Math.floor(next() * (high - low + 1)),
    chance: (share) => next() < share,
    pick: (list) => list[Math.floor(next() * list.length)]!,
    bytes: (length) => Uint8Array.from({ length }, () => Math.floor(next() * 256)),
    fork: (name) => createRandom(`${seed}/${name}`),
  };
  return random;
}

/** Four 32-bit words from text, each with its own start value (FNV-1a, then a final mix). */
function words(text: string): number[] {
  return [0x811c9dc5, 0x9e3779b9, 0x85ebca6b, 0xc2b2ae35].map((start) => {
    let hash = start;
    for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
    hash ^= hash >>> 15;
    return Math.imul(hash, 0x2c1b3c6d) >>> 0;
  });
}

/** Small Fast Counter by Chris Doty-Humphrey: good enough to draw faults, fast, and the same on every platform. */
function sfc32(seed: string): () => number {
  let [a = 0, b = 0, c = 0, count = 1] = words(seed);
  const next = (): number => {
    const sum = (a + b + count) | 0;
    count = (count + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return (sum >>> 0) / 4_294_967_296;
  };
  for (let turn = 0; turn < 12; turn += 1) next();
  return next;
}
