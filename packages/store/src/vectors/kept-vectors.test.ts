import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { createKeptVectors, type KeptVectors } from './kept-vectors.ts';
import { openVectorFile, type VectorFile } from './vector-file.ts';

const DIMENSION = 8;
const folder = mkdtempSync(join(tmpdir(), 'kept-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = join(folder, 'vectors');

/** Each slot's own vector. */
const vectorOf = (slot: number): Float32Array => Float32Array.from({ length: DIMENSION }, (_, at) => slot + at / 10);

describe('vectors in a file', () => {
  const records = new Map<number, Float32Array>();
  let file: VectorFile;
  let kept: KeptVectors;
  let refuses = false;
  const slots = Array.from({ length: 50 }, (_, slot) => slot);
  beforeEach(() => {
    rmSync(path, { force: true });
    records.clear();
    refuses = false;
    file = openVectorFile(path, DIMENSION);
    const write: VectorFile['write'] = (slot, vector) => !refuses && file.write(slot, vector);
    kept = createKeptVectors({ ...file, write }, DIMENSION, (slot) => records.get(slot) ?? null);
    for (const slot of slots) kept.write(slot, vectorOf(slot));
  });
  const flip = (at: number): void => {
    const bytes = readFileSync(path);
    bytes[at]! ^= 1;
    writeFileSync(path, bytes);
  };

  it('come back in any order, and as they were last written', () => {
    for (const slot of slots) expect(kept.read(slot)).toEqual(vectorOf(slot));
    for (const slot of slots.toReversed()) expect(kept.read(slot)).toEqual(vectorOf(slot));
    kept.read(7);
    kept.read(8);
    kept.write(9, vectorOf(99));
    expect(kept.read(9)).toEqual(vectorOf(99));
    expect(kept.read(10)).toEqual(vectorOf(10));
  });

  it('stay valid until eight more were read', () => {
    const held = slots.slice(0, 8).map((slot) => kept.read(slot * 3));
    held.forEach((vector, at) => expect(vector).toEqual(vectorOf(at * 3)));
  });

  it('are taken from the record, and mended, when the file has other bytes', () => {
    records.set(5, vectorOf(5));
    flip(5 * 4 * DIMENSION + 3);
    expect(kept.read(5)).toEqual(vectorOf(5));
    records.clear();
    expect(kept.read(5)).toEqual(vectorOf(5));
    truncateSync(path, 40 * 4 * DIMENSION);
    records.set(45, vectorOf(45));
    expect(kept.read(45)).toEqual(vectorOf(45));
  });

  it('are refused when neither the file nor the record has them', () => {
    flip(5 * 4 * DIMENSION);
    const damaged = expect.objectContaining({ code: 'STORE_DAMAGED' });
    expect(() => kept.read(5)).toThrow(damaged);
    // A record that was changed meanwhile is not the one that was asked for.
    records.set(5, vectorOf(6));
    expect(() => kept.read(5)).toThrow(damaged);
    expect(kept.read(6)).toEqual(vectorOf(6));
  });

  it('stay in memory while the disk refuses them, and are written later', () => {
    refuses = true;
    kept.write(3, vectorOf(33));
    kept.write(60, vectorOf(60));
    kept.clear(4);
    expect(kept.refused()).toBe(3);
    expect(kept.read(3)).toEqual(vectorOf(33));
    expect(kept.read(60)).toEqual(vectorOf(60));
    refuses = false;
    kept.write(61, vectorOf(61));
    expect(kept.refused()).toBe(0);
    expect(kept.read(3)).toEqual(vectorOf(33));
    const into = vectorOf(1);
    expect(file.read(4, into)).toBe(true);
    expect(into).toEqual(new Float32Array(DIMENSION));
  });
});
