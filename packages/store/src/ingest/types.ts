import type { RecordInput, StoreErrorCode } from '@tributary/schemas';
import type { DocumentEntry } from '../disk/records.ts';
import type { DocumentRow } from '../disk/values.ts';
import type { Embedder } from '../embedding.ts';
import type { WriteResult } from '../types.ts';
import type { DocumentChange, Update } from '../write/types.ts';

/** Flat metadata of a document. */
export type Metadata = Record<string, string | number | boolean | string[]>;

/** One parsed document: its text in reading order and its structure. Positions refer to `text`. */
export interface ParsedDocument {
  /** Path of the file relative to the given folder, with `/`. */
  document: string;
  /** The record's id in a JSONL or CSV file; null for a file that is one document. */
  row: string | null;
  /** The `url` or `uri` of a JSONL or CSV row; otherwise null. */
  uri: string | null;
  /**
   * The stated title (front matter, HTML, PDF, DOCX), otherwise the heading that names the document, otherwise the
   * file's stem. A row without a title has ''.
   */
  title: string;
  /** Hex SHA-256 of the file's bytes; for JSONL and CSV, of the row's own bytes. */
  sha256: string;
  /** Well-formed Unicode with \n line breaks. */
  text: string;
  /** In order, without overlaps. Text outside all blocks is treated as paragraphs. */
  blocks: Block[];
  metadata: Metadata;
}

/** A range of the text. `start` and `end` are UTF-16 indices into it. */
export interface Block {
  kind: 'heading' | 'paragraph' | 'code' | 'table' | 'list' | 'quote';
  /** Level of a heading, 1 to 6. */
  level?: number;
  /** The text of a heading without its markup. */
  heading?: string;
  start: number;
  end: number;
  /** 1-based page of a PDF. */
  page?: number;
  /** True for a block that loses its meaning when it is cut, such as a code fence. */
  keepWhole?: boolean;
}

/** One chunk of a document. `context`, an empty line and `text` are embedded; only `text` is cited. */
export interface Chunk {
  /** Exactly the bytes `place.start` to `place.end` of the document's text in UTF-8. */
  text: string;
  /** Title and headings above the chunk, joined by ' › '; '' if there are none. */
  context: string;
  title: string;
  place: Place;
}

/** The position of a chunk: UTF-8 byte offsets into the document's text, and pages (1-based) of a PDF. */
export interface Place {
  start: number;
  end: number;
  page?: number;
  /** The last page, if the chunk spans several. */
  pageEnd?: number;
}

/** Records with their vectors. `complete` is false when the signal came before all had one. */
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

/** Facts that distinguish one version of a file from another. */
export interface FileFacts {
  bytes: number;
  /** Modification time in milliseconds; 0 when a later change could have the same. */
  modified: number;
  /** Hex SHA-256 of the bytes. */
  sha256: string;
}

/**
 * `seen` is what was parsed. It is missing when the file could not be read to its end, or when another attempt may
 * succeed.
 */
export type ParseOutcome = { seen?: FileFacts } & (
  | { ok: true; documents: ParsedDocument[]; skipped: SkippedRow[] }
  | { ok: false; file: string; code: StoreErrorCode; reason: string }
);

/** Limits of one parse. See limits.ts for the defaults. */
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
