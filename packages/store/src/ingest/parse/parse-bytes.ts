import { StoreError } from '../../errors.ts';
import { mediaTypeOf } from './media-types.ts';
import type { ParsedDocument, ParseOutcome, Parser, ParserOptions, SkippedRow } from '../types.ts';

/** Parsers are loaded on first use. The PDF library alone takes a third of a second. */
const PARSERS: Record<string, () => Promise<Parser>> = {
  'application/jsonl': async () => (await import('./rows/jsonl.ts')).jsonlParser,
  'application/pdf': async () => (await import('./pdf/pdf.ts')).pdfParser,
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': async () =>
    (await import('./office/docx.ts')).docxParser,
  'application/xhtml+xml': async () => (await import('./html/html.ts')).htmlParser,
  'text/csv': async () => (await import('./rows/csv.ts')).csvParser,
  'text/html': async () => (await import('./html/html.ts')).htmlParser,
  'text/markdown': async () => (await import('./text/markdown.ts')).markdownParser,
  'text/plain': async () => (await import('./text/text.ts')).textParser,
  'text/tab-separated-values': async () => (await import('./rows/csv.ts')).csvParser,
};

/** Media types whose records are documents of their own. */
const ROW_TYPES = new Set(['application/jsonl', 'text/csv', 'text/tab-separated-values']);

/**
 * Parses the bytes of one file with the parser of its media type. A file that cannot be parsed is an outcome, not an
 * exception.
 *
 * @param path relative, with `/`; it names the documents, and its extension decides the format unless `given` does
 */
export async function parseBytes(bytes: Uint8Array, path: string, options: ParserOptions, given?: string): Promise<ParseOutcome> {
  try {
    const mediaType = given ?? mediaTypeOf(path);
    if (mediaType === null) throw unsupported();
    const parser = await parserFor(mediaType);
    if (bytes.length > options.limits.fileBytesMax) throw tooLarge(bytes.length, options.limits.fileBytesMax);
    const documents = bytes.length === 0 ? [] : await parser.parse(bytes, { path, mediaType }, options);
    return keepThoseWithText(documents, ROW_TYPES.has(mediaType));
  } catch (error) {
    return { ok: false, file: path, ...describe(error) };
  }
}

async function parserFor(mediaType: string): Promise<Parser> {
  const load = PARSERS[mediaType];
  return load === undefined ? (await import('./text/code.ts')).codeParser : load();
}

function keepThoseWithText(documents: readonly ParsedDocument[], isRows: boolean): ParseOutcome {
  const kept = documents.filter((document) => document.text.trim() !== '');
  if (kept.length === 0) {
    const hint = isRows
      ? 'It has no record with text.'
      : 'It is empty, or its text is a picture that would need text recognition.';
    throw new StoreError('PARSE_NO_TEXT', `The file has no text. ${hint}`);
  }
  const skipped: SkippedRow[] = documents
    .filter((document) => document.text.trim() === '')
    .map(({ row }) => ({ row: row ?? '', code: 'PARSE_NO_TEXT', reason: 'The record has neither text nor title.' }));
  return { ok: true, documents: kept, skipped };
}

function describe(error: unknown): Pick<ParseOutcome & { ok: false }, 'code' | 'reason'> {
  if (error instanceof StoreError) return { code: error.code, reason: error.message };
  if (error instanceof RangeError) {
    return { code: 'PARSE_MALFORMED', reason: 'The file is nested too deeply or states impossible sizes.' };
  }
  const what = error instanceof Error ? `: ${error.message.split('\n', 1)[0]?.slice(0, 160) ?? ''}` : '';
  return { code: 'PARSE_MALFORMED', reason: `The file cannot be read${what}` };
}

function unsupported(): StoreError {
  const supported = 'Markdown, HTML, text, PDF, DOCX, JSONL, CSV and source code';
  return new StoreError('PARSE_UNSUPPORTED', `Files with this name ending are not supported. Supported are ${supported}.`);
}

export function tooLarge(bytes: number, bytesMax: number): StoreError {
  return new StoreError('PARSE_TOO_LARGE', `The file has ${bytes} bytes; at most ${bytesMax} are read. Split it.`);
}
