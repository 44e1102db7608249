// The inner loop of the graph, in WebAssembly, because JavaScript has no SIMD. kernel.wat is its source; a test
// compares the two.

/** Compiled from kernel.wat by wabt 1.0.39, base64. */
const CODE =
  'AGFzbQEAAAABGQNgCH99f39/f39/AGADf317AX1gA39/fwACFAEFZ3JhcGgGbWVtb3J5AgEBgIAEAwQDAAECBxUCCWRpc3RhbmNlcwAA' +
  'BXdpZGVuAAIK0AUD8wQKA38CewF/AXsBfwF7AX8BewF/AXsgAiADQQJ0aiEIAkADQCACQRBqIAhLDQEgBSACKAIAIAZsaiEN/QwAAAAA' +
  'AAAAAAAAAAAAAAAAIQ4gBSACKAIEIAZsaiEP/QwAAAAAAAAAAAAAAAAAAAAAIRAgBSACKAIIIAZsaiER/QwAAAAAAAAAAAAAAAAAAAAA' +
  'IRIgBSACKAIMIAZsaiET/QwAAAAAAAAAAAAAAAAAAAAAIRQgDSAHaiEJIAAhCgNAIAr9AAQAIQsgCv0ABBAhDCAOIA39AQMAIAv9ugEg' +
  'Df0BAwggDP26Af2uAf2uASEOIA1BEGohDSAQIA/9AQMAIAv9ugEgD/0BAwggDP26Af2uAf2uASEQIA9BEGohDyASIBH9AQMAIAv9ugEg' +
  'Ef0BAwggDP26Af2uAf2uASESIBFBEGohESAUIBP9AQMAIAv9ugEgE/0BAwggDP26Af2uAf2uASEUIBNBEGohEyAKQSBqIQogDSAJSQ0A' +
  'CyAEIA0gASAOEAE4AgAgBCAPIAEgEBABOAIEIAQgESABIBIQATgCCCAEIBMgASAUEAE4AgwgAkEQaiECIARBEGohBAwACwsCQANAIAIg' +
  'CE8NASAFIAIoAgAgBmxqIQ39DAAAAAAAAAAAAAAAAAAAAAAhDv0MAAAAAAAAAAAAAAAAAAAAACEQIA0gB2ohCSAAIQoDQCAOIA39AQMA' +
  'IAr9AAQA/boB/a4BIQ4gECAN/QEDCCAK/QAEEP26Af2uASEQIA1BEGohDSAKQSBqIQogDSAJSQ0ACyAEIA0gASAOIBD9rgEQATgCACAC' +
  'QQRqIQIgBEEEaiEEDAALCwspACAAKgIAIAAqAgQgAZQgAv0bACAC/RsBaiAC/RsCIAL9GwNqarKUkgsvAQF/IAAgAmohAwNAIAEgAP0B' +
  'AwD9CwQAIABBCGohACABQRBqIQEgACADSQ0ACws=';

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
