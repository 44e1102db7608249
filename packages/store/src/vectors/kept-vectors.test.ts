import { describe, expect, it } from 'vitest';
import { createKeptVectors } from './kept-vectors.ts';

/** Each slot's own vector. */
const vectorOf = (slot: number): Float32Array => Float32Array.from({ length: 8 }, (_, at) => slot + at / 10);

describe('vectors in their records', () => {
  const records = new Map<number, Float32Array>();
  const kept = createKeptVectors((slot) => records.get(slot) ?? null);
  for (let slot = 0; slot < 10; slot += 1) {
    records.set(slot, vectorOf(slot));
    kept.put(slot, vectorOf(slot));
  }

  it('come back as they were last put', () => {
    for (let slot = 9; slot >= 0; slot -= 1) expect(kept.read(slot)).toEqual(vectorOf(slot));
    kept.put(9, vectorOf(99));
    records.set(9, vectorOf(99));
    expect(kept.read(9)).toEqual(vectorOf(99));
  });

  it('are refused when the record is gone or has another one', () => {
    const damaged = expect.objectContaining({ code: 'STORE_DAMAGED' });
    records.set(5, vectorOf(6));
    expect(() => kept.read(5)).toThrow(damaged);
    records.delete(5);
    expect(() => kept.read(5)).toThrow(damaged);
    kept.clear(7);
    expect(() => kept.read(7)).toThrow(damaged);
    expect(kept.read(6)).toEqual(vectorOf(6));
  });
});
