import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';

import { cyrillicScore } from './cyrillic.ts';
import { decodeText } from './encoding.ts';

const RUSSIAN = [
  'Привет, мир! Это письмо.',
  'Съешь же ещё этих мягких французских булок, да выпей чаю. В ЧАЩАХ ЮГА жил бы цитрус?',
  'Все счастливые семьи похожи друг на друга, каждая несчастливая семья несчастлива по-своему. Всё смешалось в доме Облонских.',
  'Отчёт за 2024 год: выручка выросла на 15 % (см. таблицу A-1 в report.xls), расходы — на 7 %.',
];
const UKRAINIAN = 'Усі люди народжуються вільними і рівними у своїй гідності та правах. Вони наділені розумом і совістю.';

describe('decodeText', () => {
  it.each(['windows-1251', 'koi8-r', 'cp866', 'iso-8859-5'])('reads Russian in %s', (encoding) => {
    for (const text of RUSSIAN) {
      const known = iconv.decode(iconv.encode(text, encoding), encoding);
      expect(decodeText(iconv.encode(text, encoding)).text).toBe(known);
    }
  });

  it.each(['windows-1251', 'koi8-u'])('reads Ukrainian in %s', (encoding) => {
    expect(decodeText(iconv.encode(UKRAINIAN, encoding)).text).toBe(UKRAINIAN);
  });

  it('prefers what reads as prose to what merely decodes', () => {
    const bytes = iconv.encode(RUSSIAN[2] ?? '', 'koi8-r');
    expect(cyrillicScore(iconv.decode(bytes, 'koi8-r'))).toBeGreaterThan(0.7);
    expect(cyrillicScore(iconv.decode(bytes, 'windows-1251'))).toBeLessThan(0.2);
  });

  it.each([
    ['windows-1252', 'Le café est à côté de l’hôtel, où l’été dernier nous étions très heureux.'],
    ['windows-1252', 'Größe, Übung und Straße: schöne Grüße aus München und Köln.'],
    ['windows-1253', 'Όλοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι στην αξιοπρέπεια και τα δικαιώματα.'],
    ['shift_jis', '吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。'],
    ['gb18030', '人人生而自由,在尊严和权利上一律平等。他们赋有理性和良心,并应以兄弟关系的精神相对待。'],
    [
      'euc-kr',
      '모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다. 인간은 천부적으로 이성과 양심을 부여받았다.',
    ],
  ])('reads %s, undeclared', (encoding, text) => {
    expect(decodeText(iconv.encode(text, encoding)).text).toBe(text);
  });

  it.each([
    ['utf-8', [0xef, 0xbb, 0xbf]],
    ['utf-16le', [0xff, 0xfe]],
    ['utf-16be', [0xfe, 0xff]],
  ])('removes the byte order mark of %s', (encoding, mark) => {
    const bytes = Buffer.concat([Buffer.from(mark), iconv.encode('Grüße\r\nund\rmehr', encoding)]);
    expect(decodeText(bytes)).toEqual({ text: 'Grüße\nund\nmehr', encoding });
  });

  it('recognises UTF-16 without a byte order mark', () => {
    expect(decodeText(iconv.encode('Plain English text, as Windows writes it.', 'utf-16le')).encoding).toBe('utf-16le');
    expect(decodeText(iconv.encode('Plain English text, as Java writes it.', 'utf-16be')).encoding).toBe('utf-16be');
  });

  it('accepts a declared encoding only if it is plausible', () => {
    const arabic = 'اللغة العربية هي واحدة من أكثر اللغات انتشارا في العالم وهي لغة جميلة';
    expect(decodeText(iconv.encode(arabic, 'windows-1256'), 'windows-1256').text).toBe(arabic);
    expect(decodeText(iconv.encode(arabic, 'windows-1256'), 'utf-8').text).toBe(arabic);
    expect(decodeText(Buffer.from('naïve'), 'windows-1252').text).toBe('naïve');
    expect(decodeText(iconv.encode(RUSSIAN[2] ?? '', 'windows-1251'), 'iso-8859-1').text).toBe(RUSSIAN[2]);
    expect(decodeText(Buffer.from('naïve'), 'no-such-encoding').text).toBe('naïve');
  });

  it('stays with UTF-8 when a few bytes of it are damaged', () => {
    const bytes = Buffer.concat([Buffer.from('été '.repeat(40)), Buffer.from([0xe9, 0x20]), Buffer.from('fin')]);
    expect(decodeText(bytes)).toMatchObject({ encoding: 'utf-8' });
    expect(decodeText(bytes).text).toContain('\ufffd fin');
  });

  it('refuses binary data and makes a stray NUL harmless', () => {
    expect(() => decodeText(Buffer.from([1, 0, 0, 0, 5, 0, 0, 7, 0, 0, 0, 0, 9, 1, 2]))).toThrow(
      expect.objectContaining({ code: 'PARSE_UNSUPPORTED' }),
    );
    expect(decodeText(Buffer.from(`${'text '.repeat(500)}\0end`)).text).toMatch(/\ufffdend$/u);
  });
});
