import { queryTermsMax } from '@tributary/schemas';
import { stemmer } from 'stemmer';
import { fold, isUnspaced, runsOf } from './fold.ts';
import { stemCacheEntriesMax, stemLettersMax } from './limits.ts';

/** English stop words of Lucene's classic analyser (Apache Lucene, `StopAnalyzer.ENGLISH_STOP_WORDS_SET`). */
const STOP_WORDS: ReadonlySet<string> = new Set(
  (
    'a an and are as at be but by for if in into is it no not of on or such ' +
    'that the their then there these they this to was will with'
  ).split(' '),
);

// ASCII texts need no normalisation, and a cheaper expression.
const ASCII = /^\p{ASCII}*$/u;
const ASCII_RUN = /[a-z0-9]+/g;
const ASCII_WORD = /^[a-z]+$/;

/** Words that consist only of a suffix. The package requires a letter before it, Porter's program does not. */
const BARE_SUFFIXES: Readonly<Record<string, string | undefined>> = Object.assign(Object.create(null), {
  ies: 'i',
  sses: 'ss',
  eed: 'eed',
  eeds: 'eed',
});

/** Stands for the stem of a stop word. */
const DROPPED = '';
const stems = new Map<string, string>();

/**
 * Index terms of a text, in order, including repeats; their number is the text's length in BM25 (docs/spec/query.md).
 * The text is normalised by NFKC and lower case and split into runs of letters, numbers and marks; scripts without
 * spaces give overlapping bigrams of code points. All of this follows Unicode 15.0, whatever the engine has. English
 * stop words are dropped, and ASCII words are stemmed by Porter's algorithm as in his own program.
 */
export function terms(text: string): string[] {
  const found: string[] = [];
  if (ASCII.test(text)) {
    for (const run of text.toLowerCase().match(ASCII_RUN) ?? []) addWord(found, run);
    return found;
  }
  for (const run of runsOf(fold(text))) {
    if (isUnspaced(run)) addBigrams(found, run);
    else addWord(found, run);
  }
  return found;
}

/**
 * Distinct terms of a query in order of first use, each with its occurrences: the first {@link queryTermsMax}, which
 * BM25 scores.
 */
export function queryTerms(text: string): Map<string, number> {
  return new Map([...termCounts(terms(text))].slice(0, queryTermsMax));
}

/** How often each term occurs. */
export function termCounts(list: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const term of list) counts.set(term, (counts.get(term) ?? 0) + 1);
  return counts;
}

function addBigrams(found: string[], run: string): void {
  const points = [...run];
  if (points.length === 1) found.push(run);
  for (let at = 1; at < points.length; at += 1) found.push(`${points[at - 1]}${points[at]}`);
}

function addWord(found: string[], word: string): void {
  const stem = stems.get(word) ?? remember(word);
  if (stem !== DROPPED) found.push(stem);
}

function remember(word: string): string {
  if (word.length > stemLettersMax) return word;
  const stem = STOP_WORDS.has(word) ? DROPPED : ASCII_WORD.test(word) ? (BARE_SUFFIXES[word] ?? stemmer(word)) : word;
  // Words follow Zipf's law, so emptying a full cache costs less than tracking the order of use.
  if (stems.size >= stemCacheEntriesMax) stems.clear();
  stems.set(word, stem);
  return stem;
}

/** How often each term occurs in a text, and how many terms it has. */
export interface TextTerms {
  readonly counts: ReadonlyMap<string, number>;
  readonly length: number;
}

/** What BM25 needs to know of a text. */
export function textTerms(text: string): TextTerms {
  const list = terms(text);
  return { counts: termCounts(list), length: list.length };
}
