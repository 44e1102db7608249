/** A vector as whole numbers from -127 to 127 times a step. */
export interface Quantised {
  readonly step: number;
  /** Sum of the squares of what the numbers stand for. */
  readonly squares: number;
  /** Length of the difference from the vector. */
  readonly error: number;
}

/** A vector with its numbers, made before it is put. */
export interface CodedVector extends Quantised {
  readonly numbers: Int8Array;
  /** Euclidean norm of the vector. */
  readonly norm: number;
}

const LARGEST = 127;

export function codeVector(vector: Float32Array, norm: number): CodedVector {
  const numbers = new Int8Array(vector.length);
  return { ...quantise(vector, 0, vector.length, numbers, 0), numbers, norm };
}

/** Writes the numbers of a vector to `into`, from `at` on. The largest component becomes 127 or -127. */
export function quantise(
  block: Float32Array,
  from: number,
  dimension: number,
  into: Int8Array | Int16Array,
  at: number,
): Quantised {
  let largest = 0;
  for (let place = 0; place < dimension; place += 1) largest = Math.max(largest, Math.abs(block[from + place]!));
  const step = largest / LARGEST;
  let squares = 0;
  let rest = 0;
  for (let place = 0; place < dimension; place += 1) {
    const component = block[from + place]!;
    const number = step === 0 ? 0 : Math.round(component / step);
    into[at + place] = number;
    squares += number * number;
    rest += (component - number * step) ** 2;
  }
  return { step, squares: squares * step * step, error: Math.sqrt(rest) };
}
