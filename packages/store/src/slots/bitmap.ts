/**
 * A set of slots, one bit each. `words` may be longer than needed and is replaced when it grows, so read it again after
 * each change.
 */
export interface Bitmap {
  words: Uint32Array;
}

export function createBitmap(slots = 0): Bitmap {
  return { words: new Uint32Array((slots + 31) >>> 5) };
}

/** Reserves room for slots below `slots`; new bits are 0. */
export function growBitmap(bitmap: Bitmap, slots: number): void {
  const needed = (slots + 31) >>> 5;
  if (needed <= bitmap.words.length) return;
  const words = new Uint32Array(Math.max(needed, bitmap.words.length * 2));
  words.set(bitmap.words);
  bitmap.words = words;
}

export function hasBit(bitmap: Bitmap, slot: number): boolean {
  // Beyond the end the word is undefined, which shifts like 0.
  return ((bitmap.words[slot >>> 5]! >>> (slot & 31)) & 1) === 1;
}

/** Sets a bit for which the bitmap already has room. */
export function setBit(bitmap: Bitmap, slot: number): void {
  bitmap.words[slot >>> 5]! |= 1 << (slot & 31);
}

export function clearBit(bitmap: Bitmap, slot: number): void {
  if (slot >>> 5 < bitmap.words.length) bitmap.words[slot >>> 5]! &= ~(1 << (slot & 31));
}

export function countBits(bitmap: Bitmap): number {
  let count = 0;
  for (const value of bitmap.words) count += popcount(value);
  return count;
}

/** `into` becomes the intersection. Words beyond the end of `other` count as 0. */
export function intersect(into: Bitmap, other: Bitmap): void {
  const { words } = into;
  for (let at = 0; at < words.length; at += 1) words[at]! &= other.words[at]!;
}

/** `into` becomes the union. It must be at least as long as `other`. */
export function unite(into: Bitmap, other: Bitmap): void {
  const length = Math.min(into.words.length, other.words.length);
  for (let at = 0; at < length; at += 1) into.words[at]! |= other.words[at]!;
}

export function complement(bitmap: Bitmap): void {
  for (let at = 0; at < bitmap.words.length; at += 1) bitmap.words[at] = ~bitmap.words[at]!;
}

/** Writes the slots in ascending order to `into`, which must have room for them. Returns their number. */
export function listBits(bitmap: Bitmap, into: Uint32Array): number {
  let length = 0;
  for (let at = 0; at < bitmap.words.length; at += 1) {
    for (let rest = bitmap.words[at]!; rest !== 0; rest &= rest - 1) {
      into[length] = (at << 5) + (31 - Math.clz32(rest & -rest));
      length += 1;
    }
  }
  return length;
}

/** Number of one bits of a 32-bit word, added in pairs, fours and bytes (Warren, Hacker's Delight, 5-1). */
function popcount(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
