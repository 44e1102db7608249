import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, describe, expect, it } from 'vitest';

import { openParser } from '../src/ingest/parse/parse.ts';
import { split } from '../src/ingest/split/split.ts';

interface Expected {
  file: string;
  class: 'ok' | 'no-text' | 'encrypted' | 'malformed';
  pages?: number;
  password?: string;
  mustContain?: string[];
  mustNotContain?: string[];
}

const folder = join(import.meta.dirname, '../../../../shared/data/ingest');
const list = join(folder, 'expected.json');
const present = existsSync(list);
const expected = present ? (JSON.parse(readFileSync(list, 'utf8')) as Expected[]) : [];
const CODES = { 'no-text': 'PARSE_NO_TEXT', encrypted: 'PARSE_ENCRYPTED', malformed: 'PARSE_MALFORMED' };
const countTokens = (text: string): number => (text.match(/[\p{L}\p{N}]+|[^\s\p{L}\p{N}]/gu)?.length ?? 0) + 2;

describe.skipIf(!present)('the documents of ../shared/data/ingest (skipped where that folder is not)', () => {
  const parser = openParser({ workers: 1 });
  afterAll(() => parser.close());
  const textOf = async (file: string, password?: string): Promise<string> => {
    const outcome = await parser.parse(
      { absolute: join(folder, file), relative: file },
      password === undefined ? {} : { passwords: ['wrong', password] },
    );
    if (!outcome.ok) throw new Error(`${outcome.code}: ${outcome.reason}`);
    expect(outcome.documents).toHaveLength(1);
    return outcome.documents[0]?.text ?? '';
  };

  it.each(expected.filter((item) => item.class !== 'ok'))('$file is reported as $class', async (item) => {
    const outcome = await parser.parse({ absolute: join(folder, item.file), relative: item.file });
    expect(outcome).toMatchObject({ ok: false, file: item.file, code: CODES[item.class as keyof typeof CODES] });
  });

  const readable = expected.filter((item) => item.class === 'ok' || (item.class === 'encrypted' && item.file.endsWith('.pdf')));
  it.each(readable)('$file gives its text, in whole chunks with exact places', async (item) => {
    const options = item.password === undefined ? {} : { passwords: ['wrong', item.password] };
    const outcome = await parser.parse({ absolute: join(folder, item.file), relative: item.file }, options);
    if (!outcome.ok) throw new Error(`${outcome.code}: ${outcome.reason}`);
    const [document] = outcome.documents;
    if (document === undefined) throw new Error('no document');
    for (const phrase of item.mustContain ?? []) expect(document.text).toContain(phrase);
    for (const phrase of item.mustNotContain ?? []) expect(document.text).not.toContain(phrase);
    if (item.pages !== undefined) expect(document.metadata['pages']).toBe(item.pages);
    expect(document.text).not.toMatch(/^\ufeff|\r|\0/u);
    const chunks = split(document, { maxTokens: 256, countTokens });
    const source = Buffer.from(document.text);
    for (const { text, context, place } of chunks) {
      expect(source.subarray(place.start, place.end).toString()).toBe(text);
      expect(countTokens(`${context}\n\n${text}`)).toBeLessThanOrEqual(256);
      if (item.file.endsWith('.pdf')) expect(place.page).toBeGreaterThanOrEqual(1);
    }
    expect(chunks.map(({ text }) => text.replace(/\s+/gu, '')).join('')).toBe(document.text.replace(/\s+/gu, ''));
  });

  it('reads Arabic in presentation forms and in a wrongly declared encoding', async () => {
    expect((await textOf('pdf/arabic-rtl.pdf')).startsWith('انواع الخطوط العربية')).toBe(true);
    const html = await textOf('html/arabic-wrong-charset.html');
    expect(html).toContain('اللغة العربية');
    expect(html).not.toContain('\ufffd');
  });

  it('reads Russian in cp866', async () => {
    expect(await textOf('txt/russian-cp866.txt')).toContain('Однажды, в студеную зимнюю пору');
  });

  it('reads the two columns of the papers one after the other', async () => {
    const text = await textOf('pdf/tracemonkey-two-column.pdf');
    expect(text).toContain('Since no concrete type information is available, traditional compilers need to emit generic code');
    expect(text.indexOf('General Terms')).toBeLessThan(text.indexOf('1. Introduction'));
    expect(text.length).toBeGreaterThan(78_000);
    expect(await textOf('pdf/latex-multicolumn.pdf')).toContain('consectetuer adipiscing elit. Ut purus elit, vestibulum ut');
  });
});
