import type { RecordInput, StoreErrorCode } from '@tributary/schemas';
import type { DocumentEntry } from '../disk/records.ts';
import type { DocumentRow } from '../disk/values.ts';
import type { Embedder, WriteResult } from '../types.ts';
import type { DocumentChange, Update } from '../write/types.ts';

/** Flat metadata of a document. */
export type Metadata = Record<string, string | number | boolean | string[]>;

/** One parsed document: text in reading order with its structure; positions refer to `text`. */
export interface ParsedDocument {
  /** Path of the file relative to the folder given, with `/`. */
  document: string;
  /** The record's id in a JSONL or CSV file; null for a file that is one document. */
  row: string | null;
  /** The `url` or `uri` of a JSONL or CSV row, else null. */
  uri: string | null;
  /**
   * Stated title (front matter, HTML, PDF, DOCX), else the heading that names the document, else the file's stem. A row
   * without title has ''.
   */
  title: string;
  /** Hex SHA-256 of the file's bytes; of the row's own bytes for a row of JSONL or CSV. */
  sha256: string;
  /** Well-formed Unicode, lines ended by \n. */
  text: string;
  /** In order, not overlapping. What no block covers is treated as paragraphs. */
  blocks: Block[];
  metadata: Metadata;
}

/** A stretch of the text. `start` and `end` are UTF-16 indices into it. */
export interface Block {
  kind: 'heading' | 'paragraph' | 'code' | 'table' | 'list' | 'quote';
  /** 1 to 6, of a heading. */
  level?: number;
  /** The words of a heading without its markup. */
  heading?: string;
  start: number;
  end: number;
  /** 1-based page of a PDF. */
  page?: number;
  /** True for what loses its sense when cut, such as a code fence. */
  keepWhole?: boolean;
}

/** One chunk of a document. What is embedded is `context`, an empty line, `text`; what is cited is `text` alone. */
export interface Chunk {
  /** Exactly the bytes `place.start` to `place.end` of the document's text in UTF-8. */
  text: string;
  /** Title and headings above the chunk, joined by ' › '; '' if there is none. */
  context: string;
  title: string;
  place: Place;
}

/** Where a chunk stands: UTF-8 byte offsets into the document's text, and pages (1-based) of a PDF. */
export interface Place {
  start: number;
  end: number;
  page?: number;
  /** The last page, when the chunk runs over a page end. */
  pageEnd?: number;
}

/** Records that have their vectors; `complete` is false when the signal came before all had. */
export interface Embedded {
  records: RecordInput[];
  complete: boolean;
}

/** A row of a JSONL or CSV file that was left out, with the reason. */
export interface SkippedRow {
  row: string;
  code: StoreErrorCode;
  reason: string;
}

/** What tells one content of a file from another. */
export interface FileFacts {
  bytes: number;
  /** Modification time in milliseconds; 0 when a later change might have the same. */
  modified: number;
  /** Hex SHA-256 of the bytes. */
  sha256: string;
}

/** `seen` is what was parsed; missing when the file could not be read to its end, or another try may go better. */
export type ParseOutcome = { seen?: FileFacts } & (
  | { ok: true; documents: ParsedDocument[]; skipped: SkippedRow[] }
  | { ok: false; file: string; code: StoreErrorCode; reason: string }
);

/** Bounds of one parse; see limits.ts for the defaults. */
export interface ParseLimits {
  fileBytesMax: number;
  pdfPagesMax: number;
  parseTimeMsMax: number;
  workerHeapMegabytesMax: number;
  workerExternalBytesMax: number;
}

export interface SourceFile {
  /** Relative path with `/`. */
  path: string;
  mediaType: string;
}

export interface ParserOptions {
  /** Tried one after the other on an encrypted PDF. */
  passwords?: readonly string[];
  limits: ParseLimits;
}

/**
 * Turns the bytes of a file into documents. Throws `StoreError` with a PARSE_ code. A document without text has `text:
 * ''`.
 */
export interface Parser {
  parse(bytes: Uint8Array, file: SourceFile, options: ParserOptions): Promise<ParsedDocument[]>;
}

/** What an ingest needs of the index it writes to. */
export interface IngestTarget {
  readonly name: string;
  readonly embedder: Embedder | null;
  documentRow(namespace: string, document: string): Promise<DocumentRow | null>;
  /** Every document that an ingest wrote into the namespace; null: into any. */
  documents(namespace: string | null): AsyncGenerator<DocumentEntry>;
  /** Unix milliseconds. */
  now(): number;
  /** Ids of the namespace that start with `prefix`. */
  ids(namespace: string, prefix: string): Promise<string[]>;
  write(change: {
    puts: RecordInput[];
    updates: readonly Update[];
    deletes: { namespace: string; id: string }[];
    documents: DocumentChange[];
  }): Promise<WriteResult>;
}
