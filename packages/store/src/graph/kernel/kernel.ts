// The inner loop of the graph, in WebAssembly, because JavaScript has no SIMD. kernel.wat is its source; a test
// compares the two.

/** Compiled from kernel.wat by wabt 1.0.39, base64. */
const CODE =
  'AGFzbQEAAAABEgJgCH99f39/f39/AGADf39/AAIUAQVncmFwaAZtZW1vcnkCAQGAgAQDAwIAAQcVAglkaXN0YW5jZXMAAAV3aWRl' +
  'bgABCpsCAugBAwN/AnsBfyACIANBAnRqIQ0CQANAIAIgDU8NASAFIAIoAgAgBmxqIQggCCAHaiEJIAAhCv0MAAAAAAAAAAAAAAAA' +
  'AAAAACEL/QwAAAAAAAAAAAAAAAAAAAAAIQwDQCALIAj9AQMAIAr9AAQA/boB/a4BIQsgDCAI/QEDCCAK/QAEEP26Af2uASEMIAhB' +
  'EGohCCAKQSBqIQogCCAJSQ0ACyALIAz9rgEhCyAEIAgqAgAgCCoCBCABlCAL/RsAIAv9GwFqIAv9GwIgC/0bA2pqspSSOAIAIAJB' +
  'BGohAiAEQQRqIQQMAAsLCy8BAX8gACACaiEDA0AgASAA/QEDAP0LBAAgAEEIaiEAIAFBEGohASAAIANJDQALCw==';

/** Functions over one memory. Places are bytes; see node-memory.ts for what lies where. */
export interface Kernel {
  /**
   * Distances of a query (16-bit numbers at `query`) to the nodes whose numbers are at `ids`, as float32 values at
   * `out`: `base + slope × scale × Σ products`, with base and slope of each node.
   */
  distances(
    query: number,
    scale: number,
    ids: number,
    count: number,
    out: number,
    first: number,
    stride: number,
    codes: number,
  ): void;
  /** Copies the 8-bit numbers of a node to `query` as 16-bit numbers. */
  widen(at: number, query: number, codes: number): void;
}

const compiled = new WebAssembly.Module(kernelBytes());

/** @internal exported for its test */
export function kernelBytes(): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(CODE, 'base64'));
}

export function createKernel(memory: WebAssembly.Memory): Kernel {
  return new WebAssembly.Instance(compiled, { graph: { memory } }).exports as unknown as Kernel;
}
