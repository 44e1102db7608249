import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import loadWabt from 'wabt';
import { seeded } from '../../vectors/vector-index.suite.ts';
import { createKernel, kernelBytes } from './kernel.ts';

describe('the kernel', () => {
  it('is what its source says', async () => {
    const wabt = await loadWabt();
    const source = wabt.parseWat('kernel.wat', readFileSync(join(import.meta.dirname, 'kernel.wat'), 'utf8'), { simd: true });
    expect(Buffer.from(kernelBytes()).equals(source.toBinary({}).buffer)).toBe(true);
  });

  it.each([16, 48, 384])('gives the distances of plain arithmetic for %i numbers', (codes) => {
    const memory = new WebAssembly.Memory({ initial: 4, maximum: 65_536 });
    const kernel = createKernel(memory);
    const stride = codes + 16;
    const [ids, out, first] = [2 * codes, 2 * codes + 64, 65_536];
    const random = seeded(codes);
    const bytes = new Int8Array(memory.buffer);
    const floats = new Float32Array(memory.buffer);
    for (let at = first; at < first + 10 * stride; at += 1) bytes[at] = Math.floor(random() * 255) - 127;
    for (let node = 0; node < 10; node += 1) floats.set([node, -0.5 - node], (first + node * stride + codes) >>> 2);
    // The kernel takes four at a time, and the rest one by one.
    const list = [7, 0, 3, 9, 1, 8, 7];
    new Uint32Array(memory.buffer).set(list, ids >>> 2);
    kernel.widen(first + 5 * stride, 0, codes);
    kernel.distances(0, 0.25, ids, list.length, out, first, stride, codes);
    const numbers = (node: number) => bytes.subarray(first + node * stride, first + node * stride + codes);
    for (const [at, node] of list.entries()) {
      const products = numbers(5).reduce((sum, number, place) => sum + number * numbers(node)[place]!, 0);
      expect(floats[(out >>> 2) + at]).toBeCloseTo(node + (-0.5 - node) * 0.25 * products, 0);
    }
    // No number behind the list is written.
    expect(floats[(out >>> 2) + list.length]).toBe(0);
    expect(floats[(out >>> 2) + 1]).toBe(
      -0.125 * numbers(5).reduce((sum, number, place) => sum + number * numbers(0)[place]!, 0),
    );
  });
});
