import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openParser, type DocumentParser } from './parse.ts';
import type { ParseLimits, ParseOutcome } from '../types.ts';
import { docxOf, pdfLine, pdfOf } from './fixtures.suite.ts';
import { parseBytes } from './parse-bytes.ts';

const limits: ParseLimits = {
  fileBytesMax: 1_000_000,
  pdfPagesMax: 50,
  parseTimeMsMax: 60_000,
  workerHeapMegabytesMax: 512,
  workerExternalBytesMax: 1e9,
};

const parseHere = (bytes: Uint8Array, path: string): Promise<ParseOutcome> => parseBytes(bytes, path, { limits });

/** Whatever the bytes, there is an outcome, and its content is consistent. */
async function checkOutcome(bytes: Uint8Array, path: string, parse = parseHere): Promise<void> {
  const outcome = await parse(bytes, path);
  if (!outcome.ok) {
    expect(outcome.code).toMatch(/^PARSE_/u);
    expect(outcome.reason).not.toBe('');
    return;
  }
  expect(outcome.documents.length).toBeGreaterThan(0);
  for (const { text, title, blocks, sha256 } of outcome.documents) {
    expect(text.trim()).not.toBe('');
    expect(text.isWellFormed() && title.isWellFormed()).toBe(true);
    expect(text).not.toMatch(/^\ufeff|\r|\0/u);
    expect(sha256).toMatch(/^[0-9a-f]{64}$/u);
    let at = 0;
    for (const { start, end } of blocks) {
      expect(start >= at && end > start).toBe(true);
      at = end;
    }
    expect(at).toBeLessThanOrEqual(text.length);
  }
}

const MARKUP = [
  [
    '# ',
    '\n\n',
    '```\n',
    '> ',
    '- ',
    '1. ',
    '| a | b |\n|--|--|\n',
    '---\n',
    'a: [\n',
    '<table>',
    '<tr>',
    '<td>',
    '</table>',
    '<li>',
    '<pre>',
  ],
  [
    '<script>',
    '</p>',
    '<!--',
    '<![CDATA[',
    '&#0;',
    '&amp',
    '<template>',
    '<svg>',
    '"',
    ',',
    ';',
    '\t',
    '\r\n',
    '{"_id":"1","text":"',
    '"}',
  ],
  ['\\u0000', 'id,text\n', '\0', '\ufeff', 'word ', '\ud83d', '\u2028'],
].flat();
const markup = fc.constantFrom(...MARKUP);
const soup = fc
  .array(fc.oneof(markup, fc.string({ unit: 'binary', maxLength: 8 })), { maxLength: 60 })
  .map((parts) => Buffer.from(parts.join('')));
const noise = fc.uint8Array({ maxLength: 400 });

describe('hostile bytes', () => {
  it.each(['a.md', 'a.html', 'a.txt', 'a.jsonl', 'a.csv', 'a.tsv', 'a.py'])('always have an outcome: %s', async (path) => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(soup, noise), (bytes) => checkOutcome(bytes, path)),
      { numRuns: 200 },
    );
  });

  // In a worker, as in the product: for damaged files pdf.js rejects promises of its own, which only a separate worker
  // can ignore.
  let parser: DocumentParser;
  beforeAll(() => {
    parser = openParser({ workers: 1, limits });
  });
  afterAll(() => parser.close());
  const parseInWorker = (bytes: Uint8Array, relative: string) => parser.parse({ bytes, relative }, {});

  it.each([
    ['a.docx', docxOf('<w:p><w:r><w:t>Some text</w:t></w:r></w:p>')],
    ['a.pdf', pdfOf([pdfLine('Some text', 50, 700), pdfLine('More text', 50, 700)])],
  ])('in a real file always have an outcome: %s', async (path, good) => {
    const damage = fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(damage, async (changes) => {
        const bytes = Buffer.from(good);
        for (const [at, value] of changes) bytes[at] = value;
        await checkOutcome(bytes, path, parseInWorker);
      }),
      { numRuns: 60 },
    );
  });
});
