import { createHash, type Hash } from 'node:crypto';
import { open, rm, type FileHandle } from 'node:fs/promises';
import { renameSynced } from '@tributary/runtime';
import type { ByteSource, NumberArray, Part, SavedPart } from './part.ts';
import { lengthOf, readSteps, STEP_BYTES, writeSteps } from './steps.ts';

/** Parts by name, and what they belong to. */
export interface Parts {
  readonly facts: unknown;
  readonly parts: Readonly<Record<string, Part>>;
}

/** The same as they are saved. */
export interface SavedParts {
  readonly facts: unknown;
  readonly parts: Readonly<Record<string, SavedPart>>;
}

/** Where an array of bytes goes that is not to have memory of its own; undefined for others. */
export type Place = (part: string, array: string, facts: unknown, length: number) => Uint8Array | undefined;

const MAGIC = Buffer.from('tribpart', 'latin1');
const SEAL_BYTES = 32;

const KINDS = { u8: Uint8Array, u16: Uint16Array, u32: Uint32Array, f32: Float32Array, f64: Float64Array } as const;
type Kind = keyof typeof KINDS;

interface Header {
  facts: unknown;
  parts: { name: string; facts: unknown; arrays: { name: string; kind: Kind; length: number }[] }[];
}

/** A file of parts that is being written. It takes the place of the present one in the end. */
export interface PartFile {
  /** Writes all parts. They must not change meanwhile. */
  write(parts: SavedParts): Promise<void>;
  /** Replaces the present file, synced. */
  commit(): Promise<void>;
  discard(): Promise<void>;
}

/**
 * Begins a file: `magic ‖ u32 length of the header ‖ header ‖ arrays in steps ‖ SHA-256 of all before`
 * (docs/spec/store.md).
 *
 * @throws Error of the file system, as its methods
 */
export async function createPartFile(path: string): Promise<PartFile> {
  const temporary = `${path}.new`;
  const file = await open(temporary, 'w', 0o600);
  const hash = createHash('sha256');
  const append = async (bytes: Uint8Array): Promise<void> => {
    hash.update(bytes);
    await file.writeFile(bytes);
  };
  return {
    async write({ facts, parts }) {
      const header: Header = { facts, parts: Object.entries(parts).map(([name, part]) => ({ name, ...describe(part) })) };
      const json = Buffer.from(JSON.stringify(header));
      for (const bytes of [MAGIC, lengthOf(json), json]) await append(bytes);
      for (const { arrays } of Object.values(parts))
        for (const array of Object.values(arrays)) await writeSteps('bytes' in array ? array : asSource(array), append);
    },
    async commit() {
      await file.write(hash.digest());
      await file.sync();
      await file.close();
      await renameSynced(temporary, path);
    },
    async discard() {
      await file.close();
      await rm(temporary, { force: true });
    },
  };
}

/** Writes a whole file of parts. @throws Error of the file system */
export async function writeParts(path: string, parts: SavedParts): Promise<void> {
  const file = await createPartFile(path);
  try {
    await file.write(parts);
    await file.commit();
  } catch (error) {
    await file.discard();
    throw error;
  }
}

/** Null for a file that is not there, is not whole, or differs from what was written in any bit. */
export async function readParts(path: string, place: Place = () => undefined): Promise<Parts | null> {
  const file = await open(path, 'r').catch(() => null);
  if (file === null) return null;
  try {
    return await read(file, place);
  } catch {
    return null;
  } finally {
    await file.close();
  }
}

/** Whether a file is as it was written, without taking memory for it. */
export async function checkParts(path: string): Promise<'absent' | 'damaged' | null> {
  const file = await open(path, 'r').catch(() => null);
  if (file === null) return 'absent';
  try {
    const { size } = await file.stat();
    const hash = createHash('sha256');
    const step = new Uint8Array(STEP_BYTES);
    for (let left = size - SEAL_BYTES; left > 0;) {
      const { bytesRead } = await file.read(step, 0, Math.min(left, STEP_BYTES));
      if (bytesRead === 0) return 'damaged';
      hash.update(step.subarray(0, bytesRead));
      left -= bytesRead;
    }
    const seal = new Uint8Array(SEAL_BYTES);
    const { bytesRead } = await file.read(seal, 0, SEAL_BYTES);
    return bytesRead === SEAL_BYTES && hash.digest().equals(seal) ? null : 'damaged';
  } catch {
    return 'damaged';
  } finally {
    await file.close();
  }
}

async function read(file: FileHandle, place: Place): Promise<Parts | null> {
  const { size } = await file.stat();
  const hash = createHash('sha256');
  const start = await take(file, hash, new Uint8Array(MAGIC.length + 4));
  const headerBytes = Buffer.from(start.buffer).readUInt32BE(MAGIC.length);
  if (!MAGIC.equals(start.subarray(0, MAGIC.length)) || headerBytes > size) return null;
  const { facts, parts } = JSON.parse(Buffer.from(await take(file, hash, new Uint8Array(headerBytes))).toString()) as Header;
  let stored = start.length + headerBytes + SEAL_BYTES;
  const found: Record<string, Part> = {};
  for (const part of parts) {
    const own: Record<string, NumberArray> = {};
    for (const { name, kind, length } of part.arrays) {
      own[name] = (kind === 'u8' ? place(part.name, name, part.facts, length) : undefined) ?? new KINDS[kind](length);
      stored += await readSteps(bytesOf(own[name]), (bytes) => take(file, hash, bytes));
    }
    found[part.name] = { facts: part.facts, arrays: own };
  }
  const seal = new Uint8Array(SEAL_BYTES);
  const { bytesRead } = await file.read(seal, 0, SEAL_BYTES);
  return stored === size && bytesRead === SEAL_BYTES && hash.digest().equals(seal) ? { facts, parts: found } : null;
}

function describe({ facts, arrays }: SavedPart) {
  const described = Object.entries(arrays).map(([name, array]) => ({ name, kind: kindOf(array), length: array.length }));
  return { facts, arrays: described };
}

function kindOf(array: NumberArray | ByteSource): Kind {
  if ('bytes' in array) return 'u8';
  return (Object.keys(KINDS) as Kind[]).find((kind) => array instanceof KINDS[kind])!;
}

function asSource(array: NumberArray): ByteSource {
  const bytes = bytesOf(array);
  return { length: bytes.length, bytes: (from, end) => bytes.subarray(from, end) };
}

/** Fills the bytes from the file. @throws Error at its end */
async function take<B extends Uint8Array>(file: FileHandle, hash: Hash, bytes: B): Promise<B> {
  for (let at = 0; at < bytes.length;) {
    const { bytesRead } = await file.read(bytes, at, Math.min(STEP_BYTES, bytes.length - at));
    if (bytesRead === 0) throw new Error('the file ends early');
    hash.update(bytes.subarray(at, at + bytesRead));
    at += bytesRead;
  }
  return bytes;
}

const bytesOf = ({ buffer, byteOffset, byteLength }: NumberArray): Uint8Array => new Uint8Array(buffer, byteOffset, byteLength);
