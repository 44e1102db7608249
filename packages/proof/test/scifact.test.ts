// Tokenizer and BM25 on a public benchmark: a wrong tokenizer or formula would give a lower figure than the published
// one.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { bm25Part, queryTerms, termCounts, terms } from '../src/ranking.ts';
import { idf, repeatFactor } from '../src/score/bm25.ts';

const DATA = join(import.meta.dirname, '../../../../shared/data/scifact');
const jsonLines = <T>(name: string) =>
  readFileSync(join(DATA, name), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as T);

interface Postings {
  readonly lengths: number[];
  readonly averageLength: number;
  readonly byTerm: Map<string, [document: number, count: number][]>;
}

function invert(texts: readonly string[]): Postings {
  const byTerm: Postings['byTerm'] = new Map();
  const lengths = texts.map((text, document) => {
    const list = terms(text);
    for (const [term, count] of termCounts(list)) {
      const postings = byTerm.get(term) ?? [];
      postings.push([document, count]);
      byTerm.set(term, postings);
    }
    return list.length;
  });
  return { lengths, averageLength: lengths.reduce((sum, length) => sum + length, 0) / lengths.length, byTerm };
}

function topTen(query: string, { lengths, averageLength, byTerm }: Postings): number[] {
  const scores = new Map<number, number>();
  for (const [term, occurrences] of queryTerms(query)) {
    const postings = byTerm.get(term) ?? [];
    const weight = idf(lengths.length, postings.length) * repeatFactor(occurrences);
    for (const [document, count] of postings)
      scores.set(document, (scores.get(document) ?? 0) + bm25Part(weight, count, lengths[document]!, averageLength));
  }
  return [...scores]
    .sort((a, b) => b[1] - a[1] || a[0] - b[0])
    .slice(0, 10)
    .map(([document]) => document);
}

describe.skipIf(!existsSync(DATA))('SciFact (skipped where ../shared/data/scifact is not there)', () => {
  test('NDCG@10 of title and text is that of the published BM25 baselines', () => {
    const documents = jsonLines<{ _id: string; title: string; text: string }>('corpus.jsonl');
    const postings = invert(documents.map(({ title, text }) => `${title} ${text}`));
    const relevant = new Map<string, Set<string>>();
    for (const line of readFileSync(join(DATA, 'qrels.tsv'), 'utf8').trim().split('\n').slice(1)) {
      const [query = '', document = ''] = line.split('\t');
      relevant.set(query, (relevant.get(query) ?? new Set()).add(document));
    }
    const gain = (rank: number) => 1 / Math.log2(rank + 2);
    const figures = jsonLines<{ _id: string; text: string }>('queries.jsonl').map(({ _id, text }) => {
      const wanted = relevant.get(_id)!;
      const found = topTen(text, postings).map((document) => wanted.has(documents[document]!._id));
      const ideal = Array.from({ length: Math.min(10, wanted.size) }, (_, rank) => gain(rank)).reduce(
        (sum, value) => sum + value,
        0,
      );
      return found.reduce((sum, hit, rank) => sum + (hit ? gain(rank) : 0), 0) / ideal;
    });
    expect(figures).toHaveLength(300);
    const mean = figures.reduce((sum, value) => sum + value, 0) / figures.length;
    expect(mean).toBeGreaterThan(0.675);
    expect(mean).toBeLessThan(0.7);
  });
});
