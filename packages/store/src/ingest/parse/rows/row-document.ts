import { recordIdBytesMax } from '@tributary/schemas';

import type { Metadata, ParsedDocument } from '../../types.ts';
import { normalise } from '../text/encoding.ts';
import { sha256Hex } from '../text-builder.ts';
import { paragraphsOf } from '../text/text.ts';
import { cleanTitle } from '../title.ts';

/** One record of a JSONL or CSV file. */
export interface Row {
  /** Path of the file. */
  file: string;
  id: string;
  title: string;
  text: string;
  uri: string | null;
  metadata: Metadata;
  /** The bytes of the row in its file. */
  raw: Uint8Array | string;
}

/** A document made from one record. If the record has only a title, the title is the text. */
export function rowDocument(row: Row): ParsedDocument {
  const title = cleanTitle(row.title);
  const body = normalise(row.text);
  const text = body.trim() === '' ? title : body;
  return {
    document: row.file,
    row: row.id,
    uri: row.uri,
    title,
    sha256: sha256Hex(row.raw),
    text,
    blocks: Array.from(paragraphsOf(text), ({ start, end }) => ({ kind: 'paragraph' as const, start, end })),
    metadata: row.metadata,
  };
}

/** What is wrong with an id, or null. It becomes part of record ids, which are bounded. */
export function idFault(id: string): string | null {
  if (id.trim() === '') return 'is empty';
  if (Buffer.byteLength(id) > recordIdBytesMax) return `is longer than ${recordIdBytesMax} bytes`;
  return null;
}
