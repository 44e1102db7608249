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
