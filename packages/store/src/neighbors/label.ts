import { slotsMax } from '../search/limits.ts';

// hnswlib moves an existing label to a new vector about fifteen times slower than it adds a new one, and moving loses links. So each
// vector gets a label of its own: the slot in the low 24 bits, above it how many nodes the slot had before.

export function labelOf(slot: number, generation: number): number {
  return generation * slotsMax + slot;
}

export function labelSlot(label: number): number {
  return label % slotsMax;
}

export function labelGeneration(label: number): number {
  return Math.floor(label / slotsMax);
}
