import { crc32 } from 'node:zlib';
import { RowsError } from './rows-error.ts';
import type { RowOperation } from './types.ts';

/** Bytes of the checksum behind each stored value. */
const CHECKSUM_BYTES = 4;
const HEADER_BYTES = 8;

/** CRC-32 (IEEE 802.3) over key and value. It finds every burst of up to 32 bits. */
const checksum = (key: Uint8Array, value: Uint8Array): number => crc32(value, crc32(key));

/**
 * The bytes of a column. On a damaged page a column may be anything, also nothing.
 *
 * @param what names it in the error
 * @throws RowsError `damaged`
 */
export function columnBytes(column: unknown, what: string): Buffer {
  if (column instanceof Uint8Array) return Buffer.from(column.buffer, column.byteOffset, column.byteLength);
  throw new RowsError('damaged', `${what} is not as it was written`);
}

/**
 * Takes the checksum off a stored value.
 *
 * @throws RowsError `damaged`
 */
export function openRow(key: Uint8Array, stored: unknown): Buffer {
  const what = `the row with the key ${Buffer.from(key).toString('hex')}`;
  const bytes = columnBytes(stored, what);
  const end = bytes.length - CHECKSUM_BYTES;
  if (end >= 0 && bytes.readUInt32BE(end) === checksum(key, bytes.subarray(0, end))) return bytes.subarray(0, end);
  throw new RowsError('damaged', `${what} is not as it was written`);
}

/**
 * Puts changes into one buffer, so that they travel to the writer without a copy: for each `u32 bytes of the key ‖ u32
 * bytes of the value plus one, 0 for a deletion ‖ key ‖ value ‖ room for the checksum`.
 */
export function packRows(operations: readonly RowOperation[]): Uint8Array<ArrayBuffer> {
  let bytes = 0;
  for (const { key, value } of operations) bytes += HEADER_BYTES + key.length + sizeOf(value);
  const packed = new Uint8Array(bytes);
  const view = new DataView(packed.buffer);
  let at = 0;
  for (const { key, value } of operations) {
    view.setUint32(at, key.length);
    view.setUint32(at + 4, value === null ? 0 : value.length + 1);
    packed.set(key, at + HEADER_BYTES);
    if (value !== null) packed.set(value, at + HEADER_BYTES + key.length);
    at += HEADER_BYTES + key.length + sizeOf(value);
  }
  return packed;
}

/** The changes of {@link packRows}, in order. Values have their checksums. */
export function* unpackRows(packed: Uint8Array): Generator<{ key: Uint8Array; stored: Uint8Array | null }> {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  for (let at = 0; at < packed.length;) {
    const valueAt = at + HEADER_BYTES + view.getUint32(at);
    const valueBytes = view.getUint32(at + 4) - 1;
    const key = packed.subarray(at + HEADER_BYTES, valueAt);
    at = valueAt;
    if (valueBytes < 0) {
      yield { key, stored: null };
      continue;
    }
    at += valueBytes + CHECKSUM_BYTES;
    view.setUint32(at - CHECKSUM_BYTES, checksum(key, packed.subarray(valueAt, valueAt + valueBytes)));
    yield { key, stored: packed.subarray(valueAt, at) };
  }
}

const sizeOf = (value: Uint8Array | null): number => (value === null ? 0 : value.length + CHECKSUM_BYTES);
