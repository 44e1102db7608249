import { crc32 } from 'node:zlib';
import { StoreError } from '../errors.ts';
import { growUint32 } from '../slots/grow.ts';

/** The vectors of an index outside its memory: in its records, and a checksum of each in memory. */
export interface KeptVectors {
  /** CRC-32 of the vector of each slot. */
  checksums: Uint32Array;
  /**
   * The vector of a slot, alone in its buffer.
   *
   * @throws StoreError STORE_DAMAGED when the record does not have the vector that was put
   */
  read(slot: number): Float32Array;
  /** Notes the checksum of a vector, which its record has from now on. */
  put(slot: number, vector: Float32Array): void;
  clear(slot: number): void;
}

/** @param recordOf the vector of a slot as its record has it; null when there is none */
export function createKeptVectors(recordOf: (slot: number) => Float32Array | null): KeptVectors {
  const kept: KeptVectors = {
    checksums: new Uint32Array(0),
    read(slot) {
      const vector = recordOf(slot);
      if (vector !== null && checksumOf(vector) === kept.checksums[slot]) return vector;
      throw new StoreError('STORE_DAMAGED', `the vector of slot ${slot} is not as it was written; restore a backup`);
    },
    put(slot, vector) {
      kept.checksums = growUint32(kept.checksums, slot);
      kept.checksums[slot] = checksumOf(vector);
    },
    clear(slot) {
      kept.checksums[slot] = 0;
    },
  };
  return kept;
}

/** CRC-32 of the float32 values. */
export function checksumOf({ buffer, byteOffset, byteLength }: Float32Array): number {
  return crc32(new Uint8Array(buffer, byteOffset, byteLength));
}
