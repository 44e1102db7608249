import { crc32 } from 'node:zlib';
import { StoreError } from '../errors.ts';
import { growUint32 } from '../slots/grow.ts';
import type { VectorFile } from './vector-file.ts';

/**
 * The vectors of an index outside its memory: in a file, and a checksum of each in memory. A vector that the file does
 * not give back as it was written, after damage or a crash, is taken from its record.
 */
export interface KeptVectors {
  /** CRC-32 of the vector of each slot. */
  checksums: Uint32Array;
  /**
   * The vector of a slot, alone in its buffer, valid until eight more were read.
   *
   * @throws StoreError STORE_DAMAGED when neither the file nor the record has it
   */
  read(slot: number): Float32Array;
  write(slot: number, vector: Float32Array): void;
  /** Overwrites vector and checksum of a slot. */
  clear(slot: number): void;
  /** Vectors that the disk refuses. They stay in memory and are tried again. */
  refused(): number;
  close(): void;
}

/** Most vectors that a caller compares at the same time, twice. */
const AT_HAND = 8;

/** @param recordOf the vector of a slot as its record has it; null when there is none */
export function createKeptVectors(
  file: VectorFile,
  dimension: number,
  recordOf: (slot: number) => Float32Array | null,
): KeptVectors {
  const atHand = Array.from({ length: AT_HAND }, () => new Float32Array(dimension));
  const nothing = new Float32Array(dimension);
  const refused = new Map<number, Float32Array>();
  let turn = 0;

  const put = (slot: number, vector: Float32Array): void => {
    if (file.write(slot, vector)) refused.delete(slot);
    else refused.set(slot, vector.slice());
  };
  const kept: KeptVectors = {
    checksums: new Uint32Array(0),
    read(slot) {
      const own = refused.get(slot);
      if (own !== undefined) return own;
      const into = atHand[turn]!;
      turn = (turn + 1) % AT_HAND;
      if (file.read(slot, into) && checksum(into) === kept.checksums[slot]) return into;
      const stored = recordOf(slot);
      if (stored === null || stored.length !== dimension || checksum(stored) !== kept.checksums[slot])
        throw new StoreError('STORE_DAMAGED', `the vector of slot ${slot} is not as it was written; restore a backup`);
      into.set(stored);
      put(slot, into);
      return into;
    },
    write(slot, vector) {
      kept.checksums = growUint32(kept.checksums, slot);
      kept.checksums[slot] = checksum(vector);
      for (const [other, waiting] of refused) {
        if (!file.write(other, waiting)) break;
        refused.delete(other);
      }
      put(slot, vector);
    },
    clear(slot) {
      kept.checksums[slot] = 0;
      put(slot, nothing);
    },
    refused: () => refused.size,
    close: () => file.close(),
  };
  return kept;
}

const checksum = ({ buffer, byteOffset, byteLength }: Float32Array): number =>
  crc32(new Uint8Array(buffer, byteOffset, byteLength));
