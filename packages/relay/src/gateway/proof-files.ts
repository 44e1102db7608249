import { mkdir, open, readdir, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
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
}

// Entry: u32 length, u32 CRC-32 of the payload, the 32-byte receipt hash, the payload. Big-endian.
const HEAD_BYTES = 40;
const NAME = /^proofs-(\d{8})\.log$/;

const NEWLINE = 0x0a;

/**
 * A proof as it is stored: the bundle without its response as one line of JSON, then the response unchanged. The
 * response is most of the bundle. As a JSON string every quote in it would be escaped, for each answer, on the thread
 * that answers.
 */
export function encodeProof(bundle: Proof): Buffer {
  const { response } = bundle;
  const line = `${JSON.stringify({ ...bundle, response: '' })}\n`;
  const lineBytes = Buffer.byteLength(line);
  const payload = Buffer.allocUnsafeSlow(lineBytes + Buffer.byteLength(response));
  payload.write(line, 0);
  payload.write(response, lineBytes);
  return payload;
}

/**
 * The bundle of a payload. A payload without a line break is a whole bundle as JSON, the earlier format.
 *
 * @throws SyntaxError
 */
export function decodeProof(payload: Buffer): Proof {
  const end = payload.indexOf(NEWLINE);
  if (end < 0) return JSON.parse(payload.toString()) as Proof;
  const bundle = JSON.parse(payload.toString('utf8', 0, end)) as Proof;
  return { ...bundle, response: payload.toString('utf8', end + 1) };
}

/** Path of a file of proofs. */
function proofFilePath(directory: string, id: number): string {
  return join(directory, `proofs-${String(id).padStart(8, '0')}.log`);
}

/** The bytes before a payload on disk. */
export function proofHead(receipt: string, payload: Buffer): Buffer {
  const head = Buffer.allocUnsafe(HEAD_BYTES);
  head.writeUInt32BE(payload.length, 0);
  head.writeUInt32BE(crc32(payload), 4);
  head.write(receipt, 8, 'hex');
  return head;
}

/** Place of the payload whose head is at `offset` of a file. */
export function placeOf(head: Buffer, file: number, offset: number): ProofPlace {
  return { file, start: offset + HEAD_BYTES, length: head.readUInt32BE(0), checksum: head.readUInt32BE(4) };
}

/** The payload at a place; null when the file is gone or damaged. */
export async function readProof(directory: string, place: ProofPlace): Promise<Buffer | null> {
  const handle = await open(proofFilePath(directory, place.file)).catch(() => null);
  if (!handle) return null;
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(place.length), 0, place.length, place.start);
    return bytesRead === place.length && crc32(buffer) === place.checksum ? buffer : null;
  } finally {
    await handle.close();
  }
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
  const file: ProofFile = { id, bytes: 0, receipts: [] };
  const handle = await open(proofFilePath(directory, id));
  try {
    const { size } = await handle.stat();
    const head = Buffer.alloc(HEAD_BYTES);
    while (file.bytes + HEAD_BYTES <= size) {
      await handle.read(head, 0, HEAD_BYTES, file.bytes);
      const place = placeOf(head, id, file.bytes);
      if (place.length > bundleBytesMax || place.start + place.length > size) break;
      const receipt = head.toString('hex', 8, HEAD_BYTES);
      places.set(receipt, place);
      file.receipts.push(receipt);
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
