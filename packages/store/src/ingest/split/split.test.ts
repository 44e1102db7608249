import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { markdownBlocks } from '../parse/text/markdown.ts';
import { codeBlocks } from '../parse/text/code.ts';
import { paragraphsOf } from '../parse/text/text.ts';
import { split, type SplitOptions } from './split.ts';
import type { Block, Chunk, ParsedDocument } from '../types.ts';

/** Each word and mark counts one, plus two for the frame, as with BERT's [CLS] and [SEP]. */
const words = (text: string): number => (text.match(/[\p{L}\p{N}]+|[^\s\p{L}\p{N}]/gu)?.length ?? 0) + 2;
const bytes = (text: string): number => Buffer.byteLength(text);

function documentOf(text: string, blocks: Block[], title = ''): ParsedDocument {
  return { document: 'd', row: null, uri: null, title, sha256: '', text, blocks, metadata: {} };
}
const markdown = (text: string, title = 'Guide'): ParsedDocument => documentOf(text, markdownBlocks(text), title);
const plain = (text: string, title = ''): ParsedDocument =>
  documentOf(
    text,
    Array.from(paragraphsOf(text), (range) => ({ kind: 'paragraph' as const, ...range })),
    title,
  );
const options = (maxTokens: number, countTokens = words): SplitOptions => ({ maxTokens, countTokens });
const embedded = (chunk: Chunk): string => (chunk.context === '' ? chunk.text : `${chunk.context}\n\n${chunk.text}`);

function checkPlaces(document: ParsedDocument, chunks: readonly Chunk[]): void {
  const source = Buffer.from(document.text);
  for (const chunk of chunks) {
    expect(chunk.text.trim()).toBe(chunk.text);
    expect(chunk.text).not.toBe('');
    expect(source.subarray(chunk.place.start, chunk.place.end).toString()).toBe(chunk.text);
  }
}

function checkCoverage(document: ParsedDocument, chunks: readonly Chunk[]): void {
  expect(chunks.map((chunk) => chunk.text.replace(/\s+/gu, '')).join('')).toBe(document.text.replace(/\s+/gu, ''));
}

const fragment = fc.oneof(
  fc.constantFrom(
    '# One\n\n',
    '## Two\n',
    '### Three\n\n',
    'Setext\n===\n\n',
    '```js\nlet a = 1;\n\nlet b;\n```\n\n',
    '- item\n- other\n  more\n',
    '> quoted\n\n',
  ),
  fc.constantFrom(
    '| a | b |\n|---|---|\n| 1 | 2 |\n\n',
    'A sentence here. Another one? Yes!\n',
    '\n\n',
    '   ',
    '***\n',
    '\u2028',
    'é\u0301\u200d',
    '中文句子。第二句。',
    '🏴‍☠️',
  ),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.lorem({ maxCount: 60, mode: 'words' }).map((text) => `${text}.\n\n`),
);
const source = fc.array(fragment, { maxLength: 30 }).map((parts) => parts.join('').toWellFormed());

describe('split', () => {
  it('loses and repeats nothing, fits the window, and gives exact places, whatever the text', () => {
    const counters = fc.constantFrom(words, bytes, (text: string) => Math.ceil(text.length / 4) + 1);
    fc.assert(
      fc.property(
        source,
        fc.integer({ min: 12, max: 200 }),
        counters,
        fc.string({ maxLength: 30 }),
        (text, maxTokens, countTokens, title) => {
          const document = markdown(text, title.toWellFormed());
          const chunks = split(document, options(maxTokens, countTokens));
          checkPlaces(document, chunks);
          checkCoverage(document, chunks);
          for (const chunk of chunks) {
            if (countTokens(embedded(chunk)) > maxTokens)
              expect(Array.from(chunk.text.normalize('NFC')).length).toBeLessThanOrEqual(32);
          }
        },
      ),
      { numRuns: 400 },
    );
  });

  it('takes blocks that overlap, leave gaps or lie outside the text', () => {
    const block = fc.record({
      kind: fc.constantFrom('heading', 'paragraph', 'code', 'list'),
      start: fc.nat(80),
      end: fc.nat(120),
    });
    fc.assert(
      fc.property(fc.lorem({ maxCount: 12 }), fc.array(block, { maxLength: 6 }), (text, blocks) => {
        const document = documentOf(text, blocks as Block[]);
        const chunks = split(document, options(16));
        checkPlaces(document, chunks);
        checkCoverage(document, chunks);
      }),
    );
  });

  it('gives one chunk with the title as context to a record that fits the window', () => {
    const [chunk, ...others] = split(plain('First fact. Second fact.\n\nThird fact.', 'On facts'), options(20));
    expect(others).toEqual([]);
    expect(chunk).toMatchObject({ context: 'On facts', title: 'On facts', place: { start: 0, end: 37 } });
  });

  it('gives one chunk when the text fits as a whole though the sum of its sentences does not', () => {
    // Each text costs one token more than its words, as when sentences begin with a special token.
    const costly = (text: string): number => (text === '' ? 0 : text.split(/\s+/u).length + 1);
    expect(split(plain('a b c. d e f. g h i.'), options(10, costly))).toHaveLength(1);
  });

  it('names the headings above a chunk and starts a new one at a section when the last is filled', () => {
    const text = `# Guide\n\n${'Intro words here. '.repeat(6)}\n\n## Install\n\n${'Run the setup now. '.repeat(6)}\n\n### Linux\n\n${'Use the package. '.repeat(5)}`;
    const chunks = split(markdown(text), options(40));
    expect(chunks.map(({ context }) => context)).toEqual(['', 'Guide', 'Guide › Install']);
    expect(chunks[1]?.text.startsWith('## Install')).toBe(true);
  });

  it('puts small sections together and never leaves a heading at the end of a chunk', () => {
    const text = Array.from(
      { length: 40 },
      (_, index) => `## Part ${index}\n\nA few words stand here. And some more of them.`,
    ).join('\n\n');
    const chunks = split(markdown(text), options(64));
    expect(chunks.length).toBeLessThanOrEqual(20);
    for (const chunk of chunks) expect(chunk.text.trimEnd().split('\n').at(-1)).not.toMatch(/^#/u);
  });

  it('keeps a code fence whole when it fits, with its heading if both fit', () => {
    const fence = `\`\`\`js\n${'call();\n'.repeat(8)}\n\nlast();\n\`\`\``;
    const text = `## Run\n\n${'Words of prose stand here now. '.repeat(8)}\n\n## Code\n\n${fence}\n\n${'More prose follows here. '.repeat(10)}`;
    const holding = split(markdown(text), options(80)).filter((chunk) => chunk.text.includes('call();'));
    expect(holding).toHaveLength(1);
    expect(holding[0]?.text).toContain(fence);
    expect(holding[0]?.text).toContain('## Code');
  });

  it('cuts between sentences, not inside them', () => {
    const sentence = 'The quick brown fox jumps over the lazy dog while\nfive wizards watch.';
    const chunks = split(plain(Array.from({ length: 30 }, () => sentence).join(' ')), options(50));
    for (const chunk of chunks) expect(chunk.text).toMatch(/^The quick[^]*watch\.$/u);
  });

  it('cuts a sentence that alone exceeds the window at white space, and a word that does between characters', () => {
    const long = Array.from({ length: 100 }, (_, index) => `word${index}`).join(' ');
    const chunks = split(plain(long), options(22));
    expect(chunks.every((chunk) => /^word\d+( word\d+)*$/u.test(chunk.text))).toBe(true);
    const emoji = split(plain('🙂'.repeat(100)), options(40, bytes));
    expect(emoji.map((chunk) => chunk.text).join('')).toBe('🙂'.repeat(100));
    expect(emoji.every((chunk) => chunk.text.isWellFormed() && bytes(chunk.text) <= 40)).toBe(true);
  });

  it('balances the chunks of a long section, so that the last is not tiny', () => {
    const text = Array.from({ length: 21 }, (_, index) => `Paragraph ${index} has ten words in all of it here.`).join('\n\n');
    const sizes = split(plain(text), options(202)).map((chunk) => words(chunk.text));
    expect(sizes).toHaveLength(2);
    expect(Math.min(...sizes)).toBeGreaterThan(80);
  });

  it('names the pages a chunk covers', () => {
    const text = 'End of one page\n\ncontinues on the next.';
    const blocks: Block[] = [
      { kind: 'heading', level: 1, start: 0, end: 15, page: 3 },
      { kind: 'paragraph', start: 17, end: 39, page: 4 },
    ];
    // A heading stays with its text, across a page break.
    expect(split(documentOf(text, blocks), options(40)).map(({ place }) => [place.page, place.pageEnd])).toEqual([[3, 4]]);
    const paragraphs: Block[] = blocks.map((block) => ({ ...block, kind: 'paragraph' }));
    expect(split(documentOf(text, paragraphs), options(40)).map(({ place }) => [place.page, place.pageEnd])).toEqual([
      [3, undefined],
      [4, undefined],
    ]);
  });

  it('keeps functions of source code whole', () => {
    const body = (name: string): string => `function ${name}() {\n  one();\n\n  two();\n}`;
    const text = Array.from({ length: 12 }, (_, index) => body(`f${index}`)).join('\n\n');
    for (const chunk of split(documentOf(text, codeBlocks(text)), options(60))) expect(chunk.text).toMatch(/^function[^]*\n\}$/u);
  });

  it('shortens a context that would leave no room for the chunk', () => {
    const title = Array.from({ length: 200 }, () => 'title').join(' ');
    for (const chunk of split(plain('Some words. '.repeat(50), title), options(30))) {
      expect(chunk.context).toMatch(/^title/u);
      expect(words(embedded(chunk))).toBeLessThanOrEqual(30);
    }
  });

  it('counts each character a few times at most, even in one huge line', () => {
    for (const text of [
      'x'.repeat(300_000),
      'word '.repeat(60_000),
      'A sentence of words. '.repeat(15_000),
      ' '.repeat(200_000) + 'end',
    ]) {
      let counted = 0;
      const counting = (part: string): number => {
        counted += part.length;
        return Math.ceil(part.length / 4);
      };
      const chunks = split(plain(text), options(256, counting));
      expect(chunks.length).toBeGreaterThan(0);
      expect(counted).toBeLessThan(text.length * 8 + 10_000);
    }
  });

  it('refuses windows in which nothing fits', () => {
    expect(() => split(plain('a'), options(9))).toThrow(RangeError);
    expect(() => split(plain('a'), options(Number.NaN))).toThrow(RangeError);
  });

  it('gives no chunk for a document of white space', () => {
    expect(split(plain(' \n\t '), options(20))).toEqual([]);
  });
});

it('keeps the text of short pages apart, so that each chunk names its own page', () => {
  const pages = ['The ferry leaves at nine.', 'The mill was built in 1512.', 'Trout spawn on gravel.'];
  const text = pages.join('\n');
  let start = 0;
  const blocks = pages.map((line, at) => {
    const block = { kind: 'paragraph' as const, start, end: start + line.length, page: at + 1 };
    start += line.length + 1;
    return block;
  });
  const document = {
    document: 'a.pdf',
    row: null,
    uri: null,
    title: 'A',
    sha256: '0'.repeat(64),
    text,
    blocks,
    metadata: {},
  };
  const chunks = split(document, { maxTokens: 200, countTokens: (given) => given.split(/\s+/).length });
  expect(chunks.map(({ text, place }) => [text, place.page, place.pageEnd])).toEqual(
    pages.map((line, at) => [line, at + 1, undefined]),
  );
});
