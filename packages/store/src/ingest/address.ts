import { createHash } from 'node:crypto';
import {
  recordIdBytesMax,
  recordInput,
  searchText,
  utf8Length,
  type Metadata,
  type RecordInput,
  type Sell,
} from '@tributary/schemas';
import { StoreError } from '../errors.ts';
import type { Chunk, ParsedDocument } from './types.ts';

/** What every chunk of an ingest gets. */
export interface ChunkFacts {
  namespace: string;
  licence: string | null;
  /** Whether the chunks of a document are sold. */
  sell(document: string): Sell;
  metadata: Metadata;
}

/** What is to be done about one document. */
export interface Addressed {
  added: RecordInput[];
  unchanged: number;
  removed: string[];
}

/** The end of a chunk's id: first hex digits of its content hash, and which of equal chunks it is. */
const CHUNK_NAME = /^[0-9a-f]{16}-\d+$/;
const HASH_DIGITS = 16;
/** '#', the hash, '-', and the number. */
const CHUNK_NAME_BYTES_MAX = 1 + HASH_DIGITS + 1 + 7;

/**
 * Start of the ids of a document's chunks. A name that is too long, or cannot be part of an id, is replaced by its hash.
 */
export function idPrefix(document: string): string {
  const fits = utf8Length(document) + CHUNK_NAME_BYTES_MAX <= recordIdBytesMax && !document.includes('\0');
  return `${fits ? document : createHash('sha256').update(document).digest('hex')}#`;
}

/** Those of `ids` that are chunks of the document; another document's name may start with this one's. */
export function chunkIds(document: string, ids: readonly string[]): string[] {
  const prefix = idPrefix(document);
  return ids.filter((id) => id.startsWith(prefix) && CHUNK_NAME.test(id.slice(prefix.length)));
}

/**
 * Names each chunk by what it says, not by where it stands, and compares with what the index has: a chunk whose text, context and
 * metadata are as before keeps its id and is left alone, so it also keeps the place and document hash of when it was written.
 *
 * @param present ids of the document's chunks in the index
 * @throws StoreError RECORD_INVALID, METADATA_INVALID when a chunk cannot be a record; the document is then left out as a whole
 */
export function address(
  document: ParsedDocument,
  chunks: readonly Chunk[],
  present: readonly string[],
  facts: ChunkFacts,
): Addressed {
  const stale = new Set(present);
  const times = new Map<string, number>();
  const added: RecordInput[] = [];
  let unchanged = 0;
  for (const chunk of chunks) {
    const record = recordOf(document, chunk, facts);
    const name = contentHash(record).slice(0, HASH_DIGITS);
    const time = times.get(name) ?? 0;
    times.set(name, time + 1);
    const id = `${idPrefix(document.document)}${name}-${time}`;
    if (stale.delete(id)) unchanged += 1;
    else added.push(checked({ ...record, id }));
  }
  return { added, unchanged, removed: [...stale] };
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

function contentHash({ text = '', source = null, metadata = {}, licence, sell }: Omit<RecordInput, 'id'>): string {
  const keys = Object.keys(metadata).toSorted();
  const content = [
    searchText({ text, source }),
    source?.title,
    source?.uri,
    keys.map((key) => [key, metadata[key]]),
    licence,
    sell,
  ];
  return createHash('sha256').update(JSON.stringify(content)).digest('hex');
}

function checked(record: RecordInput): RecordInput {
  const result = recordInput.safeParse(record);
  if (result.success) return record;
  const issue = result.error.issues[0];
  const code = issue?.path[0] === 'metadata' ? 'METADATA_INVALID' : 'RECORD_INVALID';
  throw new StoreError(code, `${issue?.path.join('.') ?? 'record'}: ${issue?.message ?? 'wrong shape'}`);
}
