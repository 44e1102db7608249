import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { languageTags } from '@tributary/schemas';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { knowsLanguage } from './knows-language.ts';
import { rankingOf } from './ranking.ts';

const read = (path: string) => readFileSync(join(import.meta.dirname, path), 'utf8');
/** Short questions, keywords and names, by language. */
const QUESTIONS = JSON.parse(read('../../test/questions.json')) as Record<string, string[]>;
const FOREIGN = Object.entries(QUESTIONS).filter(([language]) => language !== 'en');
const UNSPACED_OR_OTHER_SCRIPT = ['th', 'zh', 'ru', 'el', 'ar', 'hi'];
const DATA = join(import.meta.dirname, '../../../../../shared/data');
const taken = (list: readonly string[], language: string) => list.filter((text) => knowsLanguage(text, [language])).length;

describe('the language of a question, for a model that knows English', () => {
  it.each(UNSPACED_OR_OTHER_SCRIPT)('is never taken for English: %s', (language) => {
    expect(QUESTIONS[language]!.filter((text) => knowsLanguage(text, ['en']))).toEqual([]);
    expect(QUESTIONS[language]!.filter((text) => !knowsLanguage(text, [language, 'en']))).toEqual([]);
  });

  it.each(['de', 'es', 'ro', 'tr', 'vi'])(
    'is taken for English in at most 6 of 100 short questions and headings: %s',
    (language) => {
      const list = QUESTIONS[language]!;
      expect(list.length).toBeGreaterThanOrEqual(80);
      expect(taken(list, 'en') / list.length).toBeLessThanOrEqual(0.06);
    },
  );

  it('is taken for English in at most 1 of 100 questions of six words and more', () => {
    const long = FOREIGN.flatMap(([, list]) => list).filter((text) => text.split(' ').length >= 6);
    expect(long.length).toBeGreaterThan(150);
    expect(taken(long, 'en') / long.length).toBeLessThanOrEqual(0.01);
  });

  it('is English for keywords, code, names and loan words', () => {
    expect(QUESTIONS['en']!.filter((text) => !knowsLanguage(text, ['en']))).toEqual([]);
  });

  it.each([
    ['a Greek letter', 'role of α-synuclein in disease', true],
    ['two words in Greek of two', 'Τι είναι', false],
    ['one name in Chinese', 'who wrote the novel called 红楼梦 in the eighteenth century and why', true],
    ['nothing but digits', '42 + 17', true],
    ['nothing', '', true],
  ])('%s', (_name, text, known) => {
    expect(knowsLanguage(text, ['en'])).toBe(known);
  });
});

test('a model of several languages knows each', () => {
  for (const language of ['de', 'es', 'ro', 'tr', 'vi', 'zh']) {
    const refused = QUESTIONS[language]!.filter((text) => !knowsLanguage(text, ['en', language]));
    expect(refused.length / QUESTIONS[language]!.length).toBeLessThanOrEqual(0.02);
  }
  expect(knowsLanguage('how long does the flood of the river last', ['de'])).toBe(false);
});

test('whatever languages a provider names, nothing is thrown', () => {
  const tag = fc.stringMatching(/^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$/);
  fc.assert(
    fc.property(fc.array(tag, { maxLength: 8 }), fc.string({ unit: 'grapheme' }), (languages, text) => {
      expect(languageTags.safeParse(languages).success).toBe(true);
      expect(typeof knowsLanguage(text, languages)).toBe('boolean');
    }),
  );
});

describe('ranking', () => {
  const shipped = { modelId: 'BAAI/bge-small-en-v1.5', languages: ['en'] };
  const hybrid = (text: string, card = shipped) => rankingOf({ mode: 'hybrid', text }, card);

  it('weighs the dense part little, and draws no line, in a language that the model does not know', () => {
    expect(hybrid('when does the flood begin')).toEqual({ denseWeight: 0.6, minRelevance: 0.42 });
    expect(hybrid('Wann beginnt die Flut?')).toEqual({ denseWeight: 0.02, minRelevance: 0 });
    expect(hybrid('洪水什么时候开始')).toEqual({ denseWeight: 0.02, minRelevance: 0 });
    expect(rankingOf({ mode: 'dense', text: 'Wann beginnt die Flut?' }, shipped)).toEqual({ denseWeight: null, minRelevance: 0 });
  });

  it('takes every language of a model that names none, and draws no line for models that were not measured', () => {
    expect(hybrid('Wann beginnt die Flut?', { modelId: 'x', languages: [] })).toEqual({ denseWeight: 0.6, minRelevance: 0 });
    expect(hybrid('a flood', { modelId: 'constructor', languages: ['en'] }).minRelevance).toBe(0);
  });

  it('draws the line lower for few words, which say less', () => {
    expect(hybrid('river floods')).toEqual({ denseWeight: 0.6, minRelevance: 0.4 });
    expect(hybrid('the floods of a river, and of rivers')).toEqual({ denseWeight: 0.6, minRelevance: 0.4 });
    expect(rankingOf({ mode: 'dense', text: 'when does the flood begin' }, shipped).minRelevance).toBe(0.59);
  });

  it('leaves a weight that was asked for, whose scale was not measured, without a line', () => {
    expect(rankingOf({ mode: 'hybrid', text: 'a flood', denseWeight: 0.3 }, shipped)).toEqual({
      denseWeight: 0.3,
      minRelevance: 0,
    });
    expect(rankingOf({ mode: 'hybrid', text: 'a flood', denseWeight: 0.6 }, shipped).minRelevance).toBe(0.4);
  });

  it('draws no line for words alone or vectors alone', () => {
    expect(rankingOf({ mode: 'bm25', text: 'a flood' }, shipped)).toEqual({ denseWeight: null, minRelevance: 0 });
    expect(rankingOf({ mode: 'dense', text: 'a flood' }, shipped)).toEqual({ denseWeight: null, minRelevance: 0.56 });
    expect(rankingOf({ mode: 'dense', text: null }, shipped)).toEqual({ denseWeight: null, minRelevance: 0 });
  });
});

describe.skipIf(!existsSync(DATA))('real questions (skipped where ../shared/data is not there)', () => {
  it.each(['scifact/train-queries.jsonl', 'scifact/queries.jsonl', 'cranfield/queries.jsonl'])('%s is English', (file) => {
    const lines = readFileSync(join(DATA, file), 'utf8').trim().split('\n');
    const texts = lines.map((line) => (JSON.parse(line) as { text: string }).text);
    expect(taken(texts, 'en') / texts.length).toBeGreaterThanOrEqual(0.995);
  });
});
