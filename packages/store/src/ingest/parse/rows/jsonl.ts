import { metadataKeysMax } from '@tributary/schemas';

import { StoreError } from '../../../errors.ts';
import { rowBytesMax, rowsMax } from '../../../limits.ts';
import type { Metadata, ParsedDocument, Parser, SourceFile } from '../../types.ts';
import { flatMetadata } from '../text/front-matter.ts';
import { idFault, rowDocument } from './row-document.ts';

const BYTE_ORDER_MARK_BYTES = 3;
const KNOWN_FIELDS = new Set(['_id', 'id', 'title', 'text', 'metadata', 'url', 'uri']);

/**
 * One JSON object per line: `_id` (or `id`), `title`, `text`, `metadata`, as in the BEIR corpora; `url` or `uri` names
 * the source. Other flat fields become metadata. One bad line makes the whole file malformed; the error names the line.
 */
export const jsonlParser: Parser = {
  async parse(bytes, file) {
    const documents: ParsedDocument[] = [];
    const lineOfId = new Map<string, number>();
    let line = 0;
    for (const raw of linesOf(bytes)) {
      line += 1;
      if (raw.every((byte) => byte === 0x20 || byte === 0x0d || byte === 0x09)) continue;
      if (raw.length > rowBytesMax) throw malformed(line, `is longer than ${rowBytesMax} bytes`);
      const { id, document } = readLine(raw, line, file);
      const earlier = lineOfId.get(id);
      if (earlier !== undefined) throw malformed(line, `repeats the _id ${quoted(id)} of line ${earlier}`);
      lineOfId.set(id, line);
      documents.push(document);
      if (documents.length > rowsMax)
        throw new StoreError('PARSE_TOO_LARGE', `The file has more than ${rowsMax} records. Split it.`);
    }
    return documents;
  },
};

function* linesOf(bytes: Uint8Array): Generator<Uint8Array> {
  let at = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? BYTE_ORDER_MARK_BYTES : 0;
  while (at < bytes.length) {
    const next = bytes.indexOf(0x0a, at);
    const end = next < 0 ? bytes.length : next;
    yield bytes.subarray(at, end);
    at = end + 1;
  }
}

function readLine(raw: Uint8Array, line: number, { path }: SourceFile): { id: string; document: ParsedDocument } {
  const value = parseObject(raw, line);
  const given = value['_id'] ?? value['id'];
  if (typeof given !== 'string' && !(typeof given === 'number' && Number.isSafeInteger(given)))
    throw malformed(line, 'has no _id (a string)');
  const id = String(given).toWellFormed();
  const fault = idFault(id);
  if (fault !== null) throw malformed(line, `has an _id that ${fault}`);
  const { text, title = '' } = value;
  if (typeof text !== 'string') throw malformed(line, 'has no text (a string)');
  if (typeof title !== 'string' && title !== null) throw malformed(line, 'has a title that is not a string');
  const metadata = readMetadata(value, line);
  const document = rowDocument({
    file: path,
    id,
    title: title ?? '',
    text,
    uri: firstString(value['url'], value['uri'], metadata['url'], metadata['uri']),
    metadata,
    raw,
  });
  return { id, document };
}

function parseObject(raw: Uint8Array, line: number): Record<string, unknown> {
  let source: string;
  try {
    source = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(raw);
  } catch {
    throw malformed(line, 'is not UTF-8');
  }
  let value: unknown;
  try {
    value = JSON.parse(source);
  } catch {
    throw malformed(line, 'is not JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed(line, 'is not a JSON object');
  return { ...value };
}

function readMetadata(value: Record<string, unknown>, line: number): Metadata {
  const given = value['metadata'] ?? {};
  if (typeof given !== 'object' || Array.isArray(given)) throw malformed(line, 'has metadata that is not an object');
  const entries = Object.entries(given).filter(([, item]) => item !== null);
  if (entries.length > metadataKeysMax) throw malformed(line, `has more than ${metadataKeysMax} metadata keys`);
  const metadata = flatMetadata(entries);
  const nested = entries.find(([key]) => !Object.hasOwn(metadata, key));
  if (nested !== undefined)
    throw malformed(line, `has metadata ${quoted(nested[0])} that is not a string, number, boolean or list of strings`);
  const others = Object.entries(value).filter(([key]) => !KNOWN_FIELDS.has(key));
  return flatMetadata([...others.filter(([key]) => !Object.hasOwn(metadata, key)), ...entries]);
}

function firstString(...values: unknown[]): string | null {
  return values.find((value): value is string => typeof value === 'string' && value !== '') ?? null;
}

function quoted(name: string): string {
  return JSON.stringify(name.slice(0, 80));
}

function malformed(line: number, what: string): StoreError {
  return new StoreError(
    'PARSE_MALFORMED',
    `Line ${line} ${what}. No record of the file was ingested; correct the line and try again.`,
  );
}
