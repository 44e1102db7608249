import { mkdir, open, readdir, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { recordBytes, recordOf } from '@tributary/proof';
import { ZERO_HASH } from '@tributary/proof/primitives';
import { bundleBytesMax, type Bundle, type EmbeddingBundle } from '@tributary/schemas';

/** What is kept of an answer: the bundle of an index, or of sold vectors. */
export type Proof = Bundle | EmbeddingBundle;

/** Where a proof is stored. */
export interface ProofPlace {
  file: number;
  /** Offset of the payload, in bytes. */
  start: number;
  length: number;
  checksum: number;
}

/** A file of proofs, oldest proof first. */
export interface ProofFile {
  id: number;
  /** Bytes up to the end of the last complete entry. */
  bytes: number;
  receipts: string[];
  /** Where the bytes of records and paths are that this process wrote to it. */
  parts: WeakMap<Uint8Array, Span>;
}

// Entry: u32 length, u32 CRC-32 of the payload, the 32-byte receipt hash, the payload. Big-endian. The payload of a
// proof: the line of its bundle, u32 number of results, for each the places of its record and path (u32 offset, u32
// length), the response. Records and paths are entries of their own in the same file, before the first proof that
// needs them; their receipt is zero.
const HEAD_BYTES = 40;
const NAME = /^proofs-(\d{8})\.log$/;

const NEWLINE = 0x0a;
/** Stands for the receipt before bytes that proofs refer to. */
const NO_RECEIPT = ZERO_HASH;

/** Where the bytes of a record or path are in a file: offset and length. */
type Span = readonly [start: number, length: number];
const SPAN_BYTES = 8;
/** For each result its record and its path. */
const RESULT_BYTES = 2 * SPAN_BYTES;

/** A proof that is to be stored. */
export interface NewProof {
  readonly receipt: string;
  /** The bundle without response and records, as one line of JSON. */
  readonly line: Buffer;
  /** The response unchanged: as a JSON string every quote in it would be escaped. */
  readonly response: Buffer;
  /** The bytes of records and paths, in turn. */
  readonly parts: readonly Uint8Array[];
}

/** @throws RangeError when the proof is longer than a bundle may be */
export function encodeProof(receipt: string, bundle: Proof): NewProof {
  const records = 'records' in bundle ? bundle.records.map(recordBytes) : [];
  const parts = records.flatMap(({ bytes, path }) => [bytes, path]);
  const kept = { ...bundle, response: '', ...('records' in bundle ? { records: [] } : {}) };
  const proof = { receipt, line: Buffer.from(`${JSON.stringify(kept)}\n`), response: Buffer.from(bundle.response), parts };
  const bytes = parts.reduce((sum, { length }) => sum + length, proof.line.length + proof.response.length);
  if (bytes > bundleBytesMax) throw new RangeError(`a proof of ${bytes} bytes`);
  return proof;
}

/** Entries as they follow each other in a file, and where they are. */
export interface Layout {
  readonly buffers: readonly Uint8Array[];
  readonly bytes: number;
  readonly places: readonly (readonly [receipt: string, place: ProofPlace])[];
  /** Bytes that were written for the first time. */
  readonly written: ReadonlyMap<Uint8Array, Span>;
}

/**
 * Lays out proofs from an offset of a file. Bytes of a record or path that the file has already, and those of an
 * earlier proof of these, are not written again. They are the same when they are the same object: a verifier keeps one.
 */
export function layOut(proofs: readonly NewProof[], file: number, from: number, there: WeakMap<Uint8Array, Span>): Layout {
  const buffers: Uint8Array[] = [];
  const places: [string, ProofPlace][] = [];
  const written = new Map<Uint8Array, Span>();
  let at = from;
  const put = (name: string, ...payload: Uint8Array[]): ProofPlace => {
    const head = entryHead(name, payload);
    buffers.push(head, ...payload);
    const place = placeOf(head, file, at);
    at = place.start + place.length;
    return place;
  };
  const spanOf = (part: Uint8Array): Span => {
    const known = there.get(part) ?? written.get(part);
    if (known !== undefined) return known;
    const { start, length } = put(NO_RECEIPT, part);
    written.set(part, [start, length]);
    return [start, length];
  };
  for (const { receipt, line, response, parts } of proofs) {
    const spans = Buffer.alloc(4 + parts.length * SPAN_BYTES);
    spans.writeUInt32BE(parts.length / 2, 0);
    parts.forEach((part, index) => {
      const [start, length] = spanOf(part);
      spans.writeUInt32BE(start, 4 + index * SPAN_BYTES);
      spans.writeUInt32BE(length, 8 + index * SPAN_BYTES);
    });
    places.push([receipt, put(receipt, line, spans, response)]);
  }
  return { buffers, bytes: at - from, places, written };
}

/** Path of a file of proofs. */
function proofFilePath(directory: string, id: number): string {
  return join(directory, `proofs-${String(id).padStart(8, '0')}.log`);
}

/** The bytes before a payload on disk. */
function entryHead(name: string, payload: readonly Uint8Array[]): Buffer {
  const head = Buffer.allocUnsafe(HEAD_BYTES);
  head.writeUInt32BE(
    payload.reduce((sum, { length }) => sum + length, 0),
    0,
  );
  head.writeUInt32BE(
    payload.reduce((checksum, part) => crc32(part, checksum), 0),
    4,
  );
  head.write(name, 8, 'hex');
  return head;
}

/** Place of the payload whose head is at `offset` of a file. */
function placeOf(head: Buffer, file: number, offset: number): ProofPlace {
  return { file, start: offset + HEAD_BYTES, length: head.readUInt32BE(0), checksum: head.readUInt32BE(4) };
}

/** The bundle at a place; null when the file is gone or damaged. */
export async function readProof(directory: string, place: ProofPlace): Promise<Proof | null> {
  const handle = await open(proofFilePath(directory, place.file)).catch(() => null);
  if (!handle) return null;
  try {
    const payload = await readPayload(handle, place.start, place.length);
    return payload && (await decodeProof(payload, handle));
  } finally {
    await handle.close();
  }
}

/** A payload whose checksum is that of its head; null for any other. */
async function readPayload(handle: FileHandle, start: number, length: number): Promise<Buffer | null> {
  const whole = Buffer.allocUnsafe(HEAD_BYTES + length);
  const { bytesRead } = await handle.read(whole, 0, whole.length, start - HEAD_BYTES);
  const payload = whole.subarray(HEAD_BYTES);
  const isWhole = bytesRead === whole.length && whole.readUInt32BE(0) === length && whole.readUInt32BE(4) === crc32(payload);
  return isWhole ? payload : null;
}

async function decodeProof(payload: Buffer, handle: FileHandle): Promise<Proof | null> {
  const end = payload.indexOf(NEWLINE) + 1;
  const results = payload.readUInt32BE(end);
  const response = payload.toString('utf8', end + 4 + results * RESULT_BYTES);
  const bundle = { ...(JSON.parse(payload.toString('utf8', 0, end)) as Proof), response };
  if (!('records' in bundle)) return bundle;
  const records: Bundle['records'] = [];
  for (let result = 0; result < results; result += 1) {
    const at = end + 4 + result * RESULT_BYTES;
    const shown = await readPayload(handle, payload.readUInt32BE(at), payload.readUInt32BE(at + 4));
    const path = await readPayload(handle, payload.readUInt32BE(at + 8), payload.readUInt32BE(at + 12));
    if (shown === null || path === null) return null;
    records.push(recordOf(shown, path));
  }
  return { ...bundle, records };
}

/**
 * All files of a folder, oldest first, with the places of their entries. An incomplete entry at the end, left by a
 * crash, is skipped.
 */
export async function scanProofs(directory: string): Promise<{ files: ProofFile[]; places: Map<string, ProofPlace> }> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const ids = (await readdir(directory)).flatMap((name) => NAME.exec(name)?.[1] ?? []).map(Number);
  const places = new Map<string, ProofPlace>();
  const files: ProofFile[] = [];
  for (const id of ids.toSorted((a, b) => a - b)) files.push(await scanFile(directory, id, places));
  return { files, places };
}

async function scanFile(directory: string, id: number, places: Map<string, ProofPlace>): Promise<ProofFile> {
  const file: ProofFile = { id, bytes: 0, receipts: [], parts: new WeakMap() };
  const handle = await open(proofFilePath(directory, id));
  try {
    const { size } = await handle.stat();
    const head = Buffer.alloc(HEAD_BYTES);
    while (file.bytes + HEAD_BYTES <= size) {
      await handle.read(head, 0, HEAD_BYTES, file.bytes);
      const place = placeOf(head, id, file.bytes);
      if (place.length > bundleBytesMax || place.start + place.length > size) break;
      const receipt = head.toString('hex', 8, HEAD_BYTES);
      if (receipt !== NO_RECEIPT) {
        places.set(receipt, place);
        file.receipts.push(receipt);
      }
      file.bytes = place.start + place.length;
    }
  } finally {
    await handle.close();
  }
  return file;
}

/** Opens a file for appending after its last complete entry. */
export async function openForAppend(directory: string, file: ProofFile): Promise<FileHandle> {
  const handle = await open(proofFilePath(directory, file.id), file.bytes === 0 ? 'w' : 'r+', 0o600);
  await handle.truncate(file.bytes);
  return handle;
}

export async function removeProofFile(directory: string, id: number): Promise<void> {
  await rm(proofFilePath(directory, id), { force: true });
}
