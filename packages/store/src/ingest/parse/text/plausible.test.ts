import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';

import { decodeText } from './encoding.ts';

/**
 * "The Mississippi rises in northern Minnesota and flows south for 2,340 miles." and a second line, as an IBM mainframe
 * writes it (code page 37).
 */
const PROSE = Buffer.from(
  '44iFQNSJoqKJoqKJl5eJQJmJooWiQImVQJWWmaOIhZmVQNSJlZWFopajgUCBlYRAhpOWpqJAopako4hAhpaZQPJr8/TwQJSJk4WiSyXJo6JAhpOWloSiQJaGQPH58vdAgZWEQPH5+fNApoWZhUCBlJaVh0CjiIVAppaZoqNLJQ==',
  'base64',
);
/** Two rows of a report in capitals and numbers. */
const REPORT = Buffer.from(
  'w+Ti49bUxdlA1dZA8PDx8vP09UBAQOLUyePIQNHWyNVAQEBAQEBAQPH5+fVg8PRg8fJAQEDCwdPB1cPFQEBA8fLw9Ev18CXD5OLj1tTF2UDV1kDw8PHy8/T1QEBA4tTJ48hA0dbI1UBAQEBAQEBA8fn59WDw9GDx8kBAQMLB08HVw8VAQEDx8vD0S/XwJQ==',
  'base64',
);
const RUSSIAN = 'Все счастливые семьи похожи друг на друга,\nкаждая несчастливая семья несчастлива по-своему.\n';

describe('bytes that are not text in any known encoding', () => {
  it.each([
    ['EBCDIC prose', PROSE, /EBCDIC.*iconv/u],
    ['an EBCDIC report', REPORT, /EBCDIC/u],
    [
      'random bytes above ASCII',
      Buffer.from(Array.from({ length: 600 }, (_, at) => 128 + ((at * 7_919 + (at >> 3) * 31) % 128))),
      /encoding is not known/u,
    ],
  ])('%s are refused with the reason', (_, bytes, message) => {
    expect(() => decodeText(bytes)).toThrow(
      expect.objectContaining({ code: 'PARSE_UNSUPPORTED', message: expect.stringMatching(message) }),
    );
  });
});

describe('texts that look strange but are valid', () => {
  it.each([
    ['koi8-r', RUSSIAN],
    ['windows-1251', RUSSIAN],
    ['latin1', 'Le café est à côté de l’hôtel'.replace('’', "'") + ", où l'été dernier nous étions très heureux."],
    ['shift_jis', '吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。'],
    ['windows-1252', '«Ja» – «Nein»: 5 € für ½ kg, 20 °C, § 4 (a) ¿qué? ¡olé!'],
    ['utf-16le', RUSSIAN],
    ['utf-16be', RUSSIAN],
    ['utf-16le', '人人生而自由\n在尊严和权利上一律平等\n他们赋有理性和良心\n'],
  ])('%s: %s', (encoding, text) => {
    expect(decodeText(iconv.encode(text, encoding)).text).toBe(text);
  });

  it('mostly ASCII with a stray byte', () => {
    expect(decodeText(Buffer.from('+---+\n| a \xb5 |\n+---+\n'.repeat(20), 'latin1')).text).toContain('| a');
  });
});
