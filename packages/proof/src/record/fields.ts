// Names, positions and value bytes of a record's fields (docs/spec/record.md).
import type { MetadataValue, Source, SparseVector } from '@tributary/schemas';
import { concat, fromHex, u32, utf8, vectorBytes } from '../bytes.ts';
import { sparseBytes } from './sparse-bytes.ts';

/** Fields at the fixed positions 0 to 5. */
export const FIELD_NAMES = ['id', 'namespace', 'text', 'vector', 'source', 'licence'] as const;

/** Name of a metadata key's field. */
export function metadataFieldName(key: string): string {
  return `m:${key}`;
}

/** Metadata keys in the order of their positions: ascending UTF-16 code units. */
export function metadataKeys(metadata: Readonly<Record<string, unknown>>): string[] {
  return Object.keys(metadata).sort();
}

const FLOAT32 = Uint8Array.of(0x01);

/** Value bytes of the vector field. `model` is the digest of the model card in hex. */
export function vectorValueBytes(vector: Float32Array, sparse: SparseVector | null, model: string): Uint8Array {
  return shownVectorBytes(vectorBytes(vector), sparse === null ? new Uint8Array(0) : sparseBytes(sparse), model);
}

/** {@link vectorValueBytes} of little-endian float32 values and of pairs. */
export function shownVectorBytes(dense: Uint8Array, sparse: Uint8Array, model: string): Uint8Array {
  return concat(fromHex(model), FLOAT32, u32(dense.length / 4), dense, u32(sparse.length / 8), sparse);
}

/** Value bytes of the source field: canonical JSON with members in the order of the specification. */
export function sourceValueBytes(source: Source | null): Uint8Array {
  if (source === null) return jsonValueBytes(null);
  const { document, uri, title, context, sha256, start, end, page, pageEnd } = source;
  return utf8(JSON.stringify({ document, uri, title, context, sha256, start, end, page, pageEnd }));
}

/** Value bytes of the licence and of metadata values: canonical JSON. */
export function jsonValueBytes(value: MetadataValue | null): Uint8Array {
  return utf8(JSON.stringify(value));
}
