import { inflateRawSync } from 'node:zlib';

import { StoreError } from '../../../errors.ts';
import { archiveBytesMax, archiveEntriesMax } from '../../../limits.ts';

// Field positions follow PKWARE's APPNOTE.TXT 6.3.10, sections 4.3.7, 4.3.12 and 4.3.16.
const END_SIGNATURE = 0x06054b50;
const END_BYTES = 22;
const COMMENT_BYTES_MAX = 65_535;
const CENTRAL_SIGNATURE = 0x02014b50;
const CENTRAL_BYTES = 46;
const LOCAL_SIGNATURE = 0x04034b50;
const LOCAL_BYTES = 30;
const STORED = 0;
const DEFLATED = 8;
const ENCRYPTED_FLAG = 1;

interface Entry {
  name: string;
  method: number;
  packedBytes: number;
  /** The size that the directory states. A hostile archive may state a false one. */
  statedBytes: number;
  offset: number;
}

/**
 * Checks a zip archive before a library unpacks it. The sum of the stated sizes is checked first; then every entry is
 * inflated up to the limit, because the directory may be false. Returns the entry `wanted` if it exists.
 *
 * @throws StoreError PARSE_TOO_LARGE for an archive that inflates beyond `archiveBytesMax`; PARSE_MALFORMED for a
 *   damaged one
 */
export function checkArchive(bytes: Uint8Array, wanted: string): Uint8Array | null {
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries = readDirectory(data);
  let left = archiveBytesMax;
  if (entries.reduce((sum, entry) => sum + entry.statedBytes, 0) > left) throw tooLarge();
  let found: Uint8Array | null = null;
  for (const entry of entries) {
    const inflated = inflate(data, entry, left);
    left -= inflated.length;
    if (entry.name === wanted) found = inflated;
  }
  return found;
}

function readDirectory(data: Buffer): Entry[] {
  const end = findEnd(data);
  const count = data.readUInt16LE(end + 10);
  let at = data.readUInt32LE(end + 16);
  if (count > archiveEntriesMax)
    throw new StoreError('PARSE_TOO_LARGE', `The archive has more than ${archiveEntriesMax} entries.`);
  const entries: Entry[] = [];
  for (let index = 0; index < count; index += 1) {
    if (at + CENTRAL_BYTES > data.length || data.readUInt32LE(at) !== CENTRAL_SIGNATURE) throw damaged();
    if ((data.readUInt16LE(at + 8) & ENCRYPTED_FLAG) !== 0) {
      throw new StoreError('PARSE_ENCRYPTED', 'The document is encrypted. Save it without a password.');
    }
    const nameBytes = data.readUInt16LE(at + 28);
    entries.push({
      name: data.toString('utf8', at + CENTRAL_BYTES, at + CENTRAL_BYTES + nameBytes),
      method: data.readUInt16LE(at + 10),
      packedBytes: data.readUInt32LE(at + 20),
      statedBytes: data.readUInt32LE(at + 24),
      offset: data.readUInt32LE(at + 42),
    });
    at += CENTRAL_BYTES + nameBytes + data.readUInt16LE(at + 30) + data.readUInt16LE(at + 32);
  }
  return entries;
}

function findEnd(data: Buffer): number {
  const lowest = Math.max(0, data.length - END_BYTES - COMMENT_BYTES_MAX);
  for (let at = data.length - END_BYTES; at >= lowest; at -= 1) {
    if (data.readUInt32LE(at) === END_SIGNATURE) return at;
  }
  throw damaged();
}

function inflate(data: Buffer, entry: Entry, bytesMax: number): Uint8Array {
  const { offset } = entry;
  if (offset + LOCAL_BYTES > data.length || data.readUInt32LE(offset) !== LOCAL_SIGNATURE) throw damaged();
  const start = offset + LOCAL_BYTES + data.readUInt16LE(offset + 26) + data.readUInt16LE(offset + 28);
  if (start + entry.packedBytes > data.length) throw damaged();
  const packed = data.subarray(start, start + entry.packedBytes);
  if (packed.length === 0) return packed;
  if (entry.method === STORED && packed.length <= bytesMax) return packed;
  if (entry.method !== DEFLATED || bytesMax < 1) throw entry.method === STORED || bytesMax < 1 ? tooLarge() : damaged();
  try {
    return inflateRawSync(packed, { maxOutputLength: bytesMax });
  } catch (error) {
    if (error instanceof RangeError) throw tooLarge();
    throw damaged(error);
  }
}

function tooLarge(): StoreError {
  return new StoreError('PARSE_TOO_LARGE', `The archive unpacks to more than ${archiveBytesMax} bytes.`);
}

function damaged(cause?: unknown): StoreError {
  return new StoreError('PARSE_MALFORMED', 'The file is a damaged or cut-off zip archive, so it is not a readable DOCX.', {
    cause,
  });
}
