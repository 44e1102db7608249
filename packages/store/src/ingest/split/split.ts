import { recordTextBytesMax } from '@tributary/schemas';

import { StoreError } from '../../errors.ts';
import { chunksPerDocumentMax, titleCharactersMax } from '../../limits.ts';
import { contexts, type Contexts } from './context.ts';
import { pack, type Bundle, type PackOptions, type PlacedUnit } from './pack.ts';
import { sectionsOf, type Section } from './sections.ts';
import { unitsOf } from './units.ts';
import { cleanTitle } from '../parse/title.ts';
import type { Chunk, ParsedDocument } from '../types.ts';

export interface SplitOptions {
  /** The model's window: tokens of context, empty line and chunk together. */
  maxTokens: number;
  /** The model's own tokenizer. The tokens that it adds to every text (such as [CLS]) are counted on the empty text. */
  countTokens(text: string): number;
}

/** In a smaller window no sentence fits and every chunk would be a fragment. */
const WINDOW_TOKENS_MIN = 8;
/** Joining two texts can add a few tokens. Windows that are large enough leave room for them. */
const SEAM_TOKENS = 3;
const SEAM_WINDOW_MIN = 64;

/**
 * Splits a document into chunks for a model's window: along sections, blocks and sentences, and inside a sentence only
 * when it alone exceeds the window. Each character that is not white space is in exactly one chunk.
 *
 * @throws RangeError for a window of less than 8 tokens; StoreError PARSE_TOO_LARGE
 */
export function split(document: ParsedDocument, options: SplitOptions): Chunk[] {
  checkOptions(options);
  const added = options.countTokens('');
  const tokensOf = (text: string): number => Math.max(0, options.countTokens(text) - added);
  const maxTokens = options.maxTokens - added;
  const sections = sectionsOf(document);
  // A text that only repeats its title is searched once, not as title and text.
  const isTitle = document.text.length <= titleCharactersMax * 2 && cleanTitle(document.text) === document.title;
  const lines = contexts(isTitle ? '' : document.title, maxTokens, tokensOf);
  const bundles = bundlesOf(document.text, sections, lines, { maxTokens, tokensOf });
  const packOptions: PackOptions = {
    maxTokens,
    bytesMax: recordTextBytesMax,
    contexts: lines,
    sections,
    sectionTokens: totals(bundles, sections.length),
    fits: (chunk) => options.countTokens(embedded(document.text, chunk, sections, lines)) <= options.maxTokens,
  };
  const chunks = fitsOneChunk(document, bundles, packOptions)
    ? [bundles.flatMap(({ units }) => units)]
    : pack(bundles, packOptions);
  if (chunks.length > chunksPerDocumentMax) {
    throw new StoreError(
      'PARSE_TOO_LARGE',
      `${document.document} would make more than ${chunksPerDocumentMax} chunks. Split the file.`,
    );
  }
  return chunks.map((chunk) => chunkOf(document, chunk, sections, lines));
}

function checkOptions(options: SplitOptions): void {
  const { maxTokens } = options;
  const window = maxTokens - options.countTokens('');
  if (!Number.isInteger(maxTokens) || !(window >= WINDOW_TOKENS_MIN)) {
    throw new RangeError(
      `maxTokens is ${maxTokens}; give a whole number that leaves at least ${WINDOW_TOKENS_MIN} tokens for text.`,
    );
  }
}

function bundlesOf(
  text: string,
  sections: readonly Section[],
  lines: Contexts,
  { maxTokens, tokensOf }: { maxTokens: number; tokensOf: (text: string) => number },
): Bundle[] {
  const bundles: Bundle[] = [];
  let at = 0;
  let bytes = 0;
  const byteAt = (index: number): number => {
    bytes += Buffer.byteLength(text.slice(at, index));
    at = index;
    return bytes;
  };
  const seam = maxTokens >= SEAM_WINDOW_MIN ? SEAM_TOKENS : 0;
  for (const [section, content] of sections.entries()) {
    const unitTokensMax = maxTokens - seam - lines.of(content, false).tokens;
    for (const block of content.blocks) {
      const isHeading = block.kind === 'heading';
      const units: PlacedUnit[] = [];
      for (const unit of unitsOf(text, block, { tokensOf, unitTokensMax })) {
        units.push({ ...unit, section, isHeading, startByte: byteAt(unit.start), endByte: byteAt(unit.end) });
      }
      const tokens = units.reduce((sum, unit) => sum + unit.tokens, 0);
      if (units.length > 0) bundles.push({ section, isHeading, keepWhole: block.keepWhole === true, tokens, units });
    }
  }
  return bundles;
}

function totals(bundles: readonly Bundle[], sections: number): number[] {
  const tokens = Array.from({ length: sections }, () => 0);
  for (const bundle of bundles) tokens[bundle.section] = (tokens[bundle.section] ?? 0) + bundle.tokens;
  return tokens;
}

/**
 * A document of one section and one page that fits the window is one chunk, even when the sum over its sentences is
 * slightly too large.
 */
function fitsOneChunk(document: ParsedDocument, bundles: readonly Bundle[], options: PackOptions): boolean {
  const [sum, count] = [options.sectionTokens[0] ?? 0, options.sections.length];
  if (count !== 1 || sum > options.maxTokens * 2 || Buffer.byteLength(document.text) > options.bytesMax) return false;
  const units = bundles.flatMap((bundle) => bundle.units);
  return units.every(({ page }) => page === units[0]!.page) && options.fits(units);
}

function contextOf(chunk: readonly PlacedUnit[], sections: readonly Section[], lines: Contexts): string {
  const first = chunk[0];
  const section = first === undefined ? undefined : sections[first.section];
  return first === undefined || section === undefined ? '' : lines.of(section, first.isHeading).line;
}

function textOf(text: string, chunk: readonly PlacedUnit[]): string {
  return text.slice(chunk[0]?.start ?? 0, chunk.at(-1)?.end ?? 0);
}

function embedded(text: string, chunk: readonly PlacedUnit[], sections: readonly Section[], lines: Contexts): string {
  const line = contextOf(chunk, sections, lines);
  return line === '' ? textOf(text, chunk) : `${line}\n\n${textOf(text, chunk)}`;
}

function chunkOf(document: ParsedDocument, chunk: readonly PlacedUnit[], sections: readonly Section[], lines: Contexts): Chunk {
  const first = chunk[0];
  const last = chunk.at(-1);
  const place: Chunk['place'] = { start: first?.startByte ?? 0, end: last?.endByte ?? 0 };
  if (first?.page != null) place.page = first.page;
  if (last?.page != null && last.page !== first?.page) place.pageEnd = last.page;
  return { text: textOf(document.text, chunk), context: contextOf(chunk, sections, lines), title: document.title, place };
}
