/** One test vector. `op` says what is computed from `input`; docs/spec of the same name says how. */
export interface VectorCase {
  readonly comment: string;
  readonly op: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** Only in valid cases: the result. */
  readonly expect?: Readonly<Record<string, unknown>>;
  /** Only in invalid cases: the code that a verifier reports. */
  readonly code?: string;
}

/** The valid and the invalid cases of one page of docs/spec. */
export interface Vectors {
  readonly valid: readonly VectorCase[];
  readonly invalid: readonly VectorCase[];
}

export const valid = (
  op: string,
  comment: string,
  input: VectorCase['input'],
  expect: NonNullable<VectorCase['expect']>,
): VectorCase => ({ comment, op, input, expect });

export const invalid = (op: string, code: string, comment: string, input: VectorCase['input']): VectorCase => ({
  comment,
  op,
  input,
  code,
});

/** Secret keys of the vectors: one byte, 32 times. */
export const seedOf = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
/** A time in the vectors, Unix milliseconds. */
export const TIME_MS = 1_790_000_000_000;
