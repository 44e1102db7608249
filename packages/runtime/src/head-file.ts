import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { TributaryError } from '@tributary/schemas';
import { dirname } from 'node:path';
import { isReadOnly, syncFolder, writeError } from './files.ts';

/** The last acknowledged write and the snapshot that published it. */
export interface Head {
  sequence: number;
  /** Raw hash of the write statement; zeros when there is none. */
  hash: Uint8Array;
  snapshot: number;
}

/**
 * The head file says what was acknowledged. It is kept apart from the database, so that writes lost by the database are
 * noticed.
 */
export interface HeadFile {
  /**
   * Null when there is no file, or an empty one.
   *
   * @throws TributaryError STORE_DAMAGED when neither slot can be read
   */
  read(): Promise<Head | null>;
  /**
   * Resolves once the head is on disk.
   *
   * @throws TributaryError DISK_WRITE
   */
  write(head: Head): Promise<void>;
  /**
   * Resolves once the head is with the operating system: it survives a kill of the process, and a power cut after the
   * next `sync`.
   *
   * @throws TributaryError DISK_WRITE
   */
  put(head: Head): Promise<void>;
  /**
   * Resolves once every head that was put is on disk.
   *
   * @throws TributaryError DISK_WRITE
   */
  sync(): Promise<void>;
  close(): Promise<void>;
}

const MAGIC = 'tribhead';
/** Slots are one page apart, so that a torn write damages only one of them. */
const SLOT_STRIDE = 4_096;
const BODY_BYTES = 8 + 8 + 8 + 8 + 32;
const SLOT_BYTES = BODY_BYTES + 32;

/**
 * Two slots, written alternately, each `magic ‖ u64 generation ‖ u64 sequence ‖ u64 snapshot ‖ hash ‖ SHA-256 of
 * these`. The first write makes the file.
 */
export async function openHeadFile(path: string): Promise<HeadFile> {
  const { readOnly, ...opened } = await openExisting(path);
  let { file } = opened;
  let generation = 0n;
  const made = async (): Promise<FileHandle> => {
    const opened = await open(path, 'wx+', 0o600);
    await syncFolder(dirname(path));
    return opened;
  };
  const put = async (head: Head): Promise<void> => {
    generation += 1n;
    const bytes = encodeSlot(generation, head);
    try {
      if (readOnly) throw Object.assign(new Error('opened for reading'), { code: 'EROFS' });
      file ??= await made();
      await file.write(bytes, 0, bytes.length, Number(generation % 2n) * SLOT_STRIDE);
    } catch (cause) {
      throw writeError(path, cause);
    }
  };
  const sync = async (): Promise<void> => {
    try {
      await file?.datasync();
    } catch (cause) {
      throw writeError(path, cause);
    }
  };
  return {
    async read() {
      if (file === null) return null;
      const { size } = await file.stat();
      if (size === 0) return null;
      const slots = [await readSlot(file, 0), await readSlot(file, 1)].filter((slot) => slot !== null);
      const newest = slots.sort((a, b) => Number(b.generation - a.generation))[0];
      if (newest === undefined) {
        throw new TributaryError(
          'STORE_DAMAGED',
          `${path}: neither copy of the last acknowledged write can be read; restore a backup`,
        );
      }
      // A read during a write must not reset its number.
      if (newest.generation > generation) generation = newest.generation;
      return newest.head;
    },
    async write(head) {
      await put(head);
      await sync();
    },
    put,
    sync,
    close: async () => file?.close(),
  };
}

/** A null file: there is none. */
async function openExisting(path: string): Promise<{ file: FileHandle | null; readOnly: boolean }> {
  try {
    // 'a+' would force appends.
    return { file: await open(path, 'r+'), readOnly: false };
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return { file: null, readOnly: false };
    if (isReadOnly(cause)) return { file: await open(path, 'r'), readOnly: true };
    throw new TributaryError('DISK_WRITE', `${path} cannot be opened`, { cause });
  }
}

function encodeSlot(generation: bigint, head: Head): Buffer {
  const bytes = Buffer.alloc(SLOT_BYTES);
  bytes.write(MAGIC, 0, 'latin1');
  bytes.writeBigUInt64BE(generation, 8);
  bytes.writeBigUInt64BE(BigInt(head.sequence), 16);
  bytes.writeBigUInt64BE(BigInt(head.snapshot), 24);
  bytes.set(head.hash, 32);
  bytes.set(checksum(bytes), BODY_BYTES);
  return bytes;
}

async function readSlot(file: FileHandle, slot: number): Promise<{ generation: bigint; head: Head } | null> {
  const bytes = Buffer.alloc(SLOT_BYTES);
  const { bytesRead } = await file.read(bytes, 0, SLOT_BYTES, slot * SLOT_STRIDE);
  if (bytesRead < SLOT_BYTES || bytes.toString('latin1', 0, 8) !== MAGIC) return null;
  if (!checksum(bytes).equals(bytes.subarray(BODY_BYTES))) return null;
  return {
    generation: bytes.readBigUInt64BE(8),
    head: {
      sequence: Number(bytes.readBigUInt64BE(16)),
      snapshot: Number(bytes.readBigUInt64BE(24)),
      hash: new Uint8Array(bytes.subarray(32, 64)),
    },
  };
}

const checksum = (bytes: Buffer): Buffer => createHash('sha256').update(bytes.subarray(0, BODY_BYTES)).digest();
