import { describe, expect, it } from 'vitest';

import type { ParseLimits, ParseOutcome } from '../../types.ts';
import { docxOf, pdfLine, pdfOf, zipOf } from '../fixtures.suite.ts';
import { parseBytes } from '../parse-bytes.ts';

const limits: ParseLimits = {
  fileBytesMax: 64_000_000,
  pdfPagesMax: 3,
  parseTimeMsMax: 60_000,
  workerHeapMegabytesMax: 512,
  workerExternalBytesMax: 1e9,
};
const parse = (path: string, bytes: Uint8Array): Promise<ParseOutcome> => parseBytes(bytes, path, { limits });
const paragraph = (text: string, style = ''): string => `<w:p><w:pPr>${style}</w:pPr><w:r><w:t>${text}</w:t></w:r></w:p>`;

async function shown(path: string, bytes: Uint8Array): Promise<string[]> {
  const outcome = await parse(path, bytes);
  if (!outcome.ok) throw new Error(outcome.reason);
  const { text, blocks } = outcome.documents[0] ?? { text: '', blocks: [] };
  return blocks.map(
    ({ kind, level, page, start, end }) =>
      `${kind}${level ?? ''}${page === undefined ? '' : ` p${page}`}: ${text.slice(start, end)}`,
  );
}

describe('DOCX', () => {
  it('gives paragraphs and tables, and the stated title', async () => {
    const cell = (text: string): string => `<w:tc>${paragraph(text)}</w:tc>`;
    const body = `${paragraph('Alpha &amp; beta')}<w:tbl><w:tr>${cell('a')}${cell('b')}</w:tr><w:tr>${cell('1')}${cell('2')}</w:tr></w:tbl>${paragraph('Omega')}`;
    const properties = '<cp:coreProperties xmlns:cp="c" xmlns:dc="d"><dc:title>Stated &amp; true</dc:title></cp:coreProperties>';
    const file = docxOf(body, [{ name: 'docProps/core.xml', content: properties }]);
    expect(await shown('a.docx', file)).toEqual(['paragraph: Alpha & beta', 'table: a | b\n1 | 2', 'paragraph: Omega']);
    expect(await parse('a.docx', file)).toMatchObject({ ok: true, documents: [{ title: 'Stated & true' }] });
  });

  it('refuses a zip bomb by its directory, and one with a false directory', async () => {
    const zeros = Buffer.alloc(300_000_000);
    const honest = zipOf([{ name: 'word/document.xml', content: zeros }]);
    const lying = zipOf([{ name: 'word/document.xml', content: zeros, statedBytes: 1_000 }]);
    expect(honest.length).toBeLessThan(1_000_000);
    expect(await parse('a.docx', honest)).toMatchObject({ ok: false, code: 'PARSE_TOO_LARGE' });
    expect(await parse('a.docx', lying)).toMatchObject({ ok: false, code: 'PARSE_TOO_LARGE' });
  }, 30_000);

  it('refuses archives that are not documents, are truncated or point outside themselves', async () => {
    const good = docxOf(paragraph('text'));
    expect(await parse('a.docx', zipOf([{ name: 'x', content: 'y' }]))).toMatchObject({ ok: false, code: 'PARSE_MALFORMED' });
    for (let length = 0; length < good.length; length += 37) {
      expect(await parse('a.docx', good.subarray(0, length))).toMatchObject({ ok: false });
    }
    for (let at = good.length - 120; at < good.length; at += 1) {
      const damaged = Buffer.from(good);
      damaged[at] = 0xff;
      expect((await parse('a.docx', damaged)).ok).toBeTypeOf('boolean');
    }
  });

  it('distinguishes an encrypted document from an old binary one', async () => {
    const ole = Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]);
    const encrypted = Buffer.concat([ole, Buffer.from('EncryptedPackage', 'utf16le')]);
    expect(await parse('a.docx', encrypted)).toMatchObject({ ok: false, code: 'PARSE_ENCRYPTED' });
    expect(await parse('a.docx', Buffer.concat([ole, Buffer.alloc(512)]))).toMatchObject({
      ok: false,
      code: 'PARSE_UNSUPPORTED',
    });
  });

  it('survives deep nesting', async () => {
    const depth = 20_000;
    const nested = `${'<w:sdt><w:sdtContent>'.repeat(depth)}${paragraph('core')}${'</w:sdtContent></w:sdt>'.repeat(depth)}`;
    const outcome = await parse('a.docx', docxOf(nested));
    expect(outcome.ok || outcome.code === 'PARSE_MALFORMED').toBe(true);
  });
});

describe('PDF', () => {
  it('keeps pages, joins broken words, keeps hyphens that belong, and finds headings by size', async () => {
    const page =
      pdfLine('Large heading', 50, 700, 20) +
      pdfLine('This sentence ends in a hyphen-', 50, 670) +
      pdfLine('ated word, and a well-known one, a well-', 50, 658) +
      pdfLine('known one, and then it stops.', 50, 646) +
      pdfLine('A second paragraph stands apart.', 50, 610);
    const file = pdfOf([page, pdfLine('The last page.', 50, 700)], 'Stated title');
    expect(await shown('a.pdf', file)).toEqual([
      'heading1 p1: Large heading',
      'paragraph p1: This sentence ends in a hyphenated word, and a well-known one, a well-known one, and then it stops.',
      'paragraph p1: A second paragraph stands apart.',
      'paragraph p2: The last page.',
    ]);
    expect(await parse('a.pdf', file)).toMatchObject({
      ok: true,
      documents: [{ title: 'Stated title', metadata: { pages: 2 } }],
    });
  });

  it.each(['column by column', 'row by row'])('reads two columns drawn %s without interleaving', async (order) => {
    const left = Array.from({ length: 8 }, (_, row) => pdfLine(`left column words in row ${row}`, 50, 700 - row * 12));
    const right = Array.from({ length: 8 }, (_, row) => pdfLine(`right column words in row ${row}`, 320, 700 - row * 12));
    const drawn = order === 'row by row' ? left.flatMap((line, row) => [line, right[row] ?? '']) : [...left, ...right];
    const text = (
      await shown(
        'a.pdf',
        pdfOf([pdfLine('A title that spans both of the columns of the page, as titles do.', 60, 730, 14) + drawn.join('')]),
      )
    ).join('\n');
    expect(text.indexOf('left column words in row 7')).toBeLessThan(text.indexOf('right column words in row 0'));
    expect(text.match(/row \d/gu)).toEqual([...Array(8).keys(), ...Array(8).keys()].map((row) => `row ${row}`));
  });

  it('reads the rows of a table from left to right', async () => {
    const rows = Array.from(
      { length: 6 },
      (_, row) => pdfLine(`item${row}`, 50, 700 - row * 12) + pdfLine(`${row}.50`, 300, 700 - row * 12),
    );
    expect((await shown('a.pdf', pdfOf([rows.join('')]))).join(' ')).toContain('item0 0.50 item1 1.50');
  });

  it('bounds the pages and refuses damaged files', async () => {
    expect(await parse('a.pdf', pdfOf(Array.from({ length: 4 }, () => pdfLine('x', 10, 10))))).toMatchObject({
      ok: false,
      code: 'PARSE_TOO_MANY_PAGES',
    });
    const good = pdfOf([pdfLine('text', 10, 10)]);
    for (let length = 8; length < good.length; length += 61) {
      const outcome = await parse('a.pdf', good.subarray(0, length));
      expect(outcome.ok || ['PARSE_MALFORMED', 'PARSE_NO_TEXT'].includes(outcome.code)).toBe(true);
    }
  });
});
