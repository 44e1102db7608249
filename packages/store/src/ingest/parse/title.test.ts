import { describe, expect, it } from 'vitest';

import { split } from '../split/split.ts';
import type { ParseLimits, ParsedDocument } from '../types.ts';
import { pdfLine, pdfOf } from './fixtures.suite.ts';
import { parseBytes } from './parse-bytes.ts';

const limits: ParseLimits = {
  fileBytesMax: 8_000_000,
  pdfPagesMax: 100,
  parseTimeMsMax: 60_000,
  workerHeapMegabytesMax: 512,
  workerExternalBytesMax: 1e9,
};
async function documentOf(path: string, content: string | Uint8Array): Promise<ParsedDocument> {
  const outcome = await parseBytes(typeof content === 'string' ? Buffer.from(content) : content, path, { limits });
  if (!outcome.ok) throw new Error(outcome.reason);
  return outcome.documents[0]!;
}
const titleOf = async (path: string, content: string | Uint8Array): Promise<string> => (await documentOf(path, content)).title;

describe('the title of Markdown', () => {
  it.each([
    ['a heading that it begins with, of any level', 'x.md', '## Big *title*\n\nText', 'Big title'],
    ['the only first-level heading', 'x.md', 'Intro\n\n# Title\n\n## Options\n\nText', 'Title'],
    ['what front matter says', 'x.md', '---\ntitle: Stated\n---\n# Other\n', 'Stated'],
    ['the stem where a heading names a part', 'man/git-log_short.md', 'Shows logs.\n\n## Options\n\nText', 'git log short'],
    ['the stem where parts are first-level', 'guide.md', 'Intro\n\n# One\n\n# Two\n', 'guide'],
    ['the stem without headings', 'dir/see-also.md', 'Only text', 'see also'],
    ['a name of dashes alone', '---.md', 'Only text', '---.md'],
  ])('is %s', async (_, path, content, title) => {
    expect(await titleOf(path, content)).toBe(title);
  });
});

describe('the title of HTML', () => {
  it.each([
    ['<title>', '<title>Page</title><h1>Heading</h1>', 'Page'],
    ['<title> without the site that the heading tells apart', '<title>Mozilla - Wikipedia</title><h1>Mozilla</h1>', 'Mozilla'],
    ['the same with the site first', '<title>Example | Set-up</title><p>x<h1>Set-up</h1>', 'Set-up'],
    ['all of <title> when no part is the heading', '<title>Spider-Man – a review</title><h2>Plot</h2>', 'Spider-Man – a review'],
    ['the heading where <title> says nothing', '<title>Untitled</title><h1>Heading</h1>', 'Heading'],
    ['the stem where a heading names a part', '<p>Text</p><h2>See also</h2>', 'the page'],
  ])('is %s', async (_, content, title) => {
    expect(await titleOf('the_page.html', content)).toBe(title);
  });
});

describe('the title of other files', () => {
  it('is the heading at the start of a PDF, otherwise the stem', async () => {
    const body = Array.from({ length: 6 }, (_, at) => pdfLine(`Line ${at} of the body text of this page.`, 50, 600 - 14 * at));
    expect(await titleOf('a.pdf', pdfOf([[pdfLine('Big heading', 50, 700, 20), ...body].join('')]))).toBe('Big heading');
    const part = [...body, pdfLine('See also', 50, 400, 20), pdfLine('Credits', 50, 300, 20)];
    expect(await titleOf('year-report.pdf', pdfOf([part.join('')]))).toBe('year report');
  });

  it('is the stem of text and source code', async () => {
    expect(await titleOf('spring_flood.txt', 'CHAPTER I\n\nText')).toBe('spring flood');
    expect(await titleOf('src/parse-slot.ts', 'let a;')).toBe('parse slot');
  });
});

it('a record that only repeats its title is searched once', async () => {
  const document = await documentOf('rows.jsonl', '{"_id":"1","title":"The  spring flood","text":""}');
  const countTokens = (text: string): number => text.split(/\s+/u).length + 2;
  const [chunk] = split(document, { maxTokens: 64, countTokens });
  expect(chunk).toMatchObject({ title: 'The spring flood', text: 'The spring flood', context: '' });
});
