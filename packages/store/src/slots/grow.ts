// One function per type of array, so that the engine sees one type at each call.

/** New length of an array that must have index `at`. Doubling keeps the total cost of copying linear. */
function grownLength(length: number, at: number): number {
  return Math.max(at + 1, length * 2, 64);
}

export function growUint8(array: Uint8Array, at: number): Uint8Array {
  if (at < array.length) return array;
  const grown = new Uint8Array(grownLength(array.length, at));
  grown.set(array);
  return grown;
}

export function growUint16(array: Uint16Array, at: number): Uint16Array {
  if (at < array.length) return array;
  const grown = new Uint16Array(grownLength(array.length, at));
  grown.set(array);
  return grown;
}

export function growUint32(array: Uint32Array, at: number): Uint32Array {
  if (at < array.length) return array;
  const grown = new Uint32Array(grownLength(array.length, at));
  grown.set(array);
  return grown;
}

export function growFloat64(array: Float64Array, at: number): Float64Array {
  if (at < array.length) return array;
  const grown = new Float64Array(grownLength(array.length, at));
  grown.set(array);
  return grown;
}
