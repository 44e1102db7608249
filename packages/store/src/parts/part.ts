import type { Pace } from '../pace.ts';

/** Room for texts at first, in bytes. */
const TEXT_BYTES = 1_024;
/** Most bytes of UTF-8 for one unit of UTF-16. */
const UTF8_BYTES_MAX = 3;

/** Arrays that a part is made of. */
export type NumberArray = Uint8Array | Uint16Array | Uint32Array | Float32Array | Float64Array;

/** Bytes that are read while they are written to the file, in order. They may move, but must not change. */
export interface ByteSource {
  readonly length: number;
  bytes(from: number, end: number): Uint8Array;
}

/** One part of what an index holds in memory, as it is saved: numbers in arrays, and the rest as JSON. */
export interface Part {
  readonly facts: unknown;
  readonly arrays: Readonly<Record<string, NumberArray>>;
}

interface ArrayClass<A> {
  new (length: number): A;
}

/** A part that is being saved. */
export interface SavedPart {
  readonly facts: unknown;
  readonly arrays: Readonly<Record<string, NumberArray | ByteSource>>;
}

/** An array of a part. @throws Error when it is not there */
export function arrayOf<A extends NumberArray>({ arrays }: Part, name: string, kind: ArrayClass<A>): A {
  const array = arrays[name];
  if (array instanceof kind) return array;
  throw new Error(`the part has no ${name}`);
}

/** Lists of different lengths as one array, and where each begins. */
export interface Joined {
  readonly numbers: Uint32Array;
  readonly starts: Uint32Array;
}

export function join(lists: readonly ArrayLike<number>[]): Joined {
  const starts = new Uint32Array(lists.length + 1);
  lists.forEach(({ length }, at) => (starts[at + 1] = starts[at]! + length));
  const numbers = new Uint32Array(starts[lists.length]!);
  lists.forEach((list, at) => numbers.set(list, starts[at]));
  return { numbers, starts };
}

export function split({ numbers, starts }: Joined): Uint32Array[] {
  return Array.from({ length: starts.length - 1 }, (_, at) => numbers.slice(starts[at], starts[at + 1]));
}

/** Texts as their bytes, and where each ends. */
export interface JoinedTexts {
  readonly bytes: Uint8Array;
  readonly ends: Uint32Array;
}

/** @param count number of the texts */
export async function joinTexts(texts: Iterable<string>, count: number, pace: Pace): Promise<JoinedTexts> {
  const ends = new Uint32Array(count);
  let bytes = Buffer.alloc(Math.max(TEXT_BYTES, 8 * count));
  let [at, end] = [0, 0];
  for (const text of texts) {
    if (pace.due()) await pace.rest();
    const most = end + UTF8_BYTES_MAX * text.length;
    if (most > bytes.length) bytes = Buffer.concat([bytes], 2 * most);
    end += bytes.write(text, end);
    ends[at++] = end;
  }
  return { bytes: bytes.subarray(0, end), ends };
}

export function splitTexts({ bytes, ends }: JoinedTexts): string[] {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from(ends, (end, at) => all.toString('utf8', ends[at - 1] ?? 0, end));
}
