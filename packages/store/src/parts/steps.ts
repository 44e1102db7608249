import { promisify } from 'node:util';
import { constants, zstdCompress, zstdDecompress } from 'node:zlib';
import type { ByteSource } from './part.ts';

/** Bytes that are compressed, hashed and written in one step; the event loop turns between steps. */
export const STEP_BYTES = 1_048_576;
/** Shortest step that is compressed. */
const PACKED_MIN = 512;
/** Steps that are not tried after one that does not compress. */
const PLAIN_STEPS = 15;

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

/** Writes bytes in steps, each `u32 bytes ‖ bytes`: with zstd if that makes it shorter, otherwise as they are. */
export async function writeSteps(source: ByteSource, append: (bytes: Uint8Array) => Promise<void>): Promise<void> {
  let plain = 0;
  for (let at = 0; at < source.length; at += STEP_BYTES) {
    const step = source.bytes(at, Math.min(source.length, at + STEP_BYTES));
    const packed = plain > 0 ? null : await pack(step);
    plain = packed === null && plain === 0 ? PLAIN_STEPS : Math.max(0, plain - 1);
    const stored = packed ?? step;
    await append(lengthOf(stored));
    await append(stored);
  }
}

/** Null when compressing a step does not save an eighth of it. */
async function pack(step: Uint8Array): Promise<Uint8Array | null> {
  if (step.length < PACKED_MIN) return null;
  const packed = await compress(step, { chunkSize: STEP_BYTES, params: { [constants.ZSTD_c_compressionLevel]: 1 } });
  return packed.length * 8 <= step.length * 7 ? packed : null;
}

/**
 * Fills the bytes from what {@link writeSteps} wrote. One step is decompressed while the next is read. Returns how many
 * bytes that was.
 *
 * @param take fills bytes with those that follow
 * @throws Error when they do not fit
 */
export async function readSteps(bytes: Uint8Array, take: (bytes: Uint8Array) => Promise<Uint8Array>): Promise<number> {
  let stored = 0;
  let unpacking: Promise<void> = Promise.resolve();
  try {
    for (let at = 0; at < bytes.length; at += STEP_BYTES) {
      const step = bytes.subarray(at, at + STEP_BYTES);
      const head = await take(new Uint8Array(LENGTH_BYTES));
      const length = Buffer.from(head.buffer).readUInt32BE(0);
      if (length > step.length) throw new Error('a step is too long');
      stored += LENGTH_BYTES + length;
      if (length === step.length) {
        await take(step);
        continue;
      }
      const packed = await take(new Uint8Array(length));
      await unpacking;
      unpacking = unpack(packed, step);
      // It may fail while the next step is read, before anything waits for it.
      unpacking.catch(() => undefined);
    }
  } catch (error) {
    await unpacking.catch(() => undefined);
    throw error;
  }
  await unpacking;
  return stored;
}

async function unpack(packed: Uint8Array, step: Uint8Array): Promise<void> {
  // Each chunk of the result is a turn of the thread pool, and by default has 16 kB.
  const chunkSize = Math.max(CHUNK_MIN, step.length);
  const plain = await decompress(packed, { maxOutputLength: step.length, chunkSize });
  if (plain.length !== step.length) throw new Error('a step is too short');
  step.set(plain);
}

/** The least that zlib takes. */
const CHUNK_MIN = 64;
const LENGTH_BYTES = 4;

export function lengthOf({ length }: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(LENGTH_BYTES);
  bytes.writeUInt32BE(length);
  return bytes;
}
