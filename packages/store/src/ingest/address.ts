import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  recordIdBytesMax,
  recordInput,
  searchText,
  utf8Length,
  type Metadata,
  type RecordInput,
  type Sell,
  inWords,
} from '@tributary/schemas';
import { StoreError } from '../errors.ts';
import type { Chunk, ParsedDocument } from './types.ts';

/** The facts that every chunk of an ingest shares. */
export interface ChunkFacts {
  namespace: string;
  licence: string | null;
  /** Whether the chunks of a document are sold. */
  sell(document: string): Sell;
  metadata: Metadata;
}

/** What must be done for one document, or for one record of a JSONL or CSV file. */
export interface Addressed {
  added: RecordInput[];
  /** Ids of chunks that already exist. */
  unchanged: string[];
}

/** Chunks that are named in one turn of the event loop: about two milliseconds. */
const ADDRESS_SLICE = 64;

/** The end of a chunk's id: the first hex digits of its content hash, and a number that tells equal chunks apart. */
const CHUNK_NAME = /^[0-9a-f]{16}-\d+$/;
const HASH_DIGITS = 16;
/** '#', the hash, '-', and the number. */
const CHUNK_NAME_BYTES_MAX = 1 + HASH_DIGITS + 1 + 7;
const PATH_BYTES_MAX = 256;
const ROW_BYTES_MAX = recordIdBytesMax - CHUNK_NAME_BYTES_MAX - PATH_BYTES_MAX - 2;

/**
 * Prefix of the ids of everything that was cut from a file: its name and '#', which is escaped within names. A name
 * that is too long or cannot be part of an id is replaced by its hash.
 */
export const filePrefix = (document: string): string =>
  `${bounded(document.replace(/[%#]/gu, encodeURIComponent), PATH_BYTES_MAX)}#`;

/** Prefix of the ids of one record of the file, or of the whole file when it is one document. */
export const rowPrefix = (document: string, row: string | null): string =>
  row === null ? filePrefix(document) : `${filePrefix(document)}${bounded(row, ROW_BYTES_MAX)}#`;

function bounded(name: string, bytesMax: number): string {
  const fits = utf8Length(name) <= bytesMax && !name.includes('\0');
  return fits ? name : createHash('sha256').update(name).digest('hex');
}

/** The id of the JSONL or CSV record from which this record was cut; null for other records. */
export function rowOfId(id: string): string | null {
  const start = id.indexOf('#');
  const end = id.lastIndexOf('#');
  return end > start && CHUNK_NAME.test(id.slice(end + 1)) ? id.slice(start + 1, end) : null;
}

/** The ids of a file's chunks that an ingest assigned. A program may have written others beside them. */
export const chunkIds = (ids: readonly string[]): string[] =>
  ids.filter((id) => CHUNK_NAME.test(id.slice(id.lastIndexOf('#') + 1)));

/**
 * Names each chunk by its content, not by its position, and compares with the index. A chunk whose text, context and
 * metadata are unchanged keeps its id and is not written again, so it also keeps the position and document hash from
 * when it was written. Whether it is sold, and its licence, are not part of the name: they can change without a new
 * vector.
 *
 * @param stale ids of the file's chunks in the index; those that stay are removed from it
 * @throws StoreError RECORD_INVALID, METADATA_INVALID when a chunk cannot be a record; then the whole document is left
 *   out
 */
export async function address(
  document: ParsedDocument,
  chunks: readonly Chunk[],
  stale: Set<string>,
  facts: ChunkFacts,
): Promise<Addressed> {
  const prefix = rowPrefix(document.document, document.row);
  const times = new Map<string, number>();
  const added: RecordInput[] = [];
  const unchanged: string[] = [];
  for (const [at, chunk] of chunks.entries()) {
    if (at % ADDRESS_SLICE === ADDRESS_SLICE - 1) await nextTurn();
    const record = recordOf(document, chunk, facts);
    const name = contentHash(record).slice(0, HASH_DIGITS);
    const time = times.get(name) ?? 0;
    times.set(name, time + 1);
    const id = `${prefix}${name}-${time}`;
    if (stale.has(id)) unchanged.push(id);
    else added.push(checked({ ...record, id }));
  }
  // Only now, so that a chunk that cannot be stored leaves the document unchanged.
  for (const id of unchanged) stale.delete(id);
  return { added, unchanged };
}

function recordOf(document: ParsedDocument, chunk: Chunk, facts: ChunkFacts): Omit<RecordInput, 'id'> {
  const { start, end, page = null, pageEnd = null } = chunk.place;
  return {
    namespace: facts.namespace,
    text: chunk.text,
    metadata: { ...document.metadata, ...facts.metadata },
    source: {
      document: document.document,
      uri: document.uri,
      title: chunk.title,
      context: chunk.context,
      sha256: document.sha256,
      start,
      end,
      page,
      pageEnd,
    },
    licence: facts.licence,
    sell: facts.sell(document.document),
  };
}

function contentHash({ text = '', source = null, metadata = {} }: Omit<RecordInput, 'id'>): string {
  const keys = Object.keys(metadata).toSorted();
  const content = [searchText({ text, source }), source?.title, source?.uri, keys.map((key) => [key, metadata[key]])];
  return createHash('sha256').update(JSON.stringify(content)).digest('hex');
}

function checked(record: RecordInput): RecordInput {
  const result = recordInput.safeParse(record, { error: inWords });
  if (result.success) return record;
  const issue = result.error.issues[0];
  const code = issue?.path[0] === 'metadata' ? 'METADATA_INVALID' : 'RECORD_INVALID';
  throw new StoreError(code, `${issue?.path.join('.') ?? 'record'}: ${issue?.message ?? 'wrong shape'}`);
}
