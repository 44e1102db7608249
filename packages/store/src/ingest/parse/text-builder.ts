import { createHash } from 'node:crypto';

import { StoreError } from '../../errors.ts';
import { textUnitsMax } from '../../limits.ts';
import type { Block, ParsedDocument } from '../types.ts';
import { normalise } from './text/encoding.ts';

/** The separator of two blocks: an empty line, or a line break between the items of one list. */
export type Separator = '\n\n' | '\n';

export interface TextBuilder {
  /** Appends a block unless it is blank. */
  add(block: Omit<Block, 'start' | 'end'>, text: string, separator?: Separator): void;
  finish(): { text: string; blocks: Block[] };
}

/** Collects blocks into one text and records their positions. Throws PARSE_TOO_LARGE beyond `textUnitsMax`. */
export function textBuilder(): TextBuilder {
  const parts: string[] = [];
  const blocks: Block[] = [];
  let length = 0;
  return {
    add(block, raw, separator = '\n\n') {
      // Indentation matters in code, so only blank lines are trimmed from the start.
      const text = normalise(raw)
        .replace(/^(?:[^\S\n]*\n)+/u, '')
        .trimEnd();
      const kept = block.kind === 'code' ? text : text.trimStart();
      if (kept.trim() === '') return;
      if (blocks.length > 0) {
        parts.push(separator);
        length += separator.length;
      }
      parts.push(kept);
      blocks.push({ ...block, start: length, end: length + kept.length });
      length += kept.length;
      if (length > textUnitsMax) throw tooMuchText();
    },
    finish: () => ({ text: parts.join(''), blocks }),
  };
}

export function tooMuchText(): StoreError {
  return new StoreError(
    'PARSE_TOO_LARGE',
    `The file holds more than ${textUnitsMax} characters of text. Split it into smaller files.`,
  );
}

/** The documents of a file that is one document. */
export function fileDocument(
  path: string,
  bytes: Uint8Array,
  content: Pick<ParsedDocument, 'title' | 'text' | 'blocks' | 'metadata'>,
): ParsedDocument[] {
  return [{ document: path, row: null, uri: null, sha256: sha256Hex(bytes), ...content }];
}

export function sha256Hex(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}
