import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readParts, writeParts, type Parts } from './part-file.ts';
import { readSteps, STEP_BYTES, writeSteps } from './steps.ts';

const folder = mkdtempSync(join(tmpdir(), 'parts-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = join(folder, 'image');

const PARTS: Parts = {
  facts: { of: 'a test', names: ['é', '\0'] },
  parts: {
    numbers: {
      facts: null,
      arrays: {
        u8: Uint8Array.of(1, 255),
        u16: Uint16Array.of(65_535),
        u32: Uint32Array.of(4_294_967_295, 0, 7),
        f32: Float32Array.of(-0, 1.5),
        f64: Float64Array.of(Math.PI, -Infinity),
      },
    },
    nothing: { facts: [], arrays: { empty: new Uint32Array(0) } },
  },
};

describe('a file of parts', () => {
  it('gives back what was written, and replaces what was there', async () => {
    await writeParts(path, { facts: null, parts: {} });
    expect(await readParts(path)).toEqual({ facts: null, parts: {} });
    await writeParts(path, PARTS);
    expect(await readParts(path)).toEqual(PARTS);
    expect(readdirSync(folder)).toEqual(['image']);
  });

  it('is shorter where its numbers repeat, and as long as they are where they do not', async () => {
    const length = 300_000;
    const some = (numbers: Uint32Array): Parts => ({ facts: null, parts: { some: { facts: null, arrays: { numbers } } } });
    const mixed = Uint32Array.from({ length }, (_, at) => (at % 2 === 0 ? at : Math.imul(at + 1, 0x9e3779b1)));
    const kinds = [Uint32Array.from({ length }, (_, at) => at >>> 4), new Uint32Array(randomBytes(4 * length).buffer), mixed];
    const sizes: number[] = [];
    for (const numbers of kinds) {
      await writeParts(path, some(numbers));
      expect(await readParts(path)).toEqual(some(numbers));
      sizes.push(statSync(path).size / (4 * length));
    }
    expect(sizes[0]).toBeLessThan(0.1);
    expect(sizes[1]).toBeLessThan(1.001);
  });

  it('is not read when any bit differs, the end is missing, or something follows', async () => {
    await writeParts(path, PARTS);
    const bytes = readFileSync(path);
    const spoiled = join(folder, 'spoiled');
    for (let at = 0; at < bytes.length; at += 1) {
      const other = Buffer.from(bytes);
      other[at]! ^= 1 << (at % 8);
      writeFileSync(spoiled, other);
      expect(await readParts(spoiled), `byte ${at}`).toBeNull();
    }
    for (const length of [0, 5, 11, 40, bytes.length - 1]) {
      writeFileSync(spoiled, bytes.subarray(0, length));
      expect(await readParts(spoiled)).toBeNull();
    }
    writeFileSync(spoiled, Buffer.concat([bytes, Buffer.of(0)]));
    expect(await readParts(spoiled)).toBeNull();
    expect(await readParts(join(folder, 'absent'))).toBeNull();
    rmSync(spoiled);
  });
});

it('is refused when a step in the middle cannot be unpacked, and nothing else fails', async () => {
  const failures: unknown[] = [];
  const note = (error: unknown): void => void failures.push(error);
  process.on('unhandledRejection', note);
  try {
    const step = new Uint8Array(STEP_BYTES).fill(7);
    const stored: Uint8Array[] = [];
    await writeSteps({ length: 4 * STEP_BYTES, bytes: () => step }, async (bytes) => void stored.push(bytes.slice()));
    const broken = Buffer.concat(stored.map((bytes, at) => (at === 1 ? bytes.fill(0) : bytes)));
    let at = 0;
    const reading = readSteps(new Uint8Array(4 * STEP_BYTES), async (bytes) => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      bytes.set(broken.subarray(at, (at += bytes.length)));
      return bytes;
    });
    await expect(reading).rejects.toThrow();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(failures).toEqual([]);
  } finally {
    process.off('unhandledRejection', note);
  }
});
