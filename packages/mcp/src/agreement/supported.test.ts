import { expect, test } from 'vitest';
import type { Screened } from '../screen/screened.ts';
import { supportedBy } from './supported.ts';
import type { SignedVector } from './vectors.ts';

const by = (signer: string): Screened => ({ passage: { result: { signer } }, flags: [] }) as unknown as Screened;
const vector = (space: string, ...values: number[]): SignedVector => ({ space, values: Float32Array.from(values) });
const writersOf = (minWriters: number, passages: Screened[], vectors: (SignedVector | null)[], similarityMin = 0.8) => {
  const { supported, incomparable } = supportedBy(minWriters, passages, { vectors, similarityMin });
  return { writers: supported.map(({ writers }) => writers.join('+')), incomparable };
};

test('counts writers, not passages, from the smallest cosine on', () => {
  const passages = [by('a'), by('a'), by('b')];
  const vectors = [vector('m', 1, 0), vector('m', 2, 0), vector('m', 0.8, 0.6)];
  expect(writersOf(2, passages, vectors, 0.79)).toEqual({ writers: ['a+b', 'a+b', 'a+b'], incomparable: 0 });
  expect(writersOf(2, passages, vectors, 0.81)).toEqual({ writers: [], incomparable: 0 });
  expect(writersOf(1, passages, vectors, 0.81).writers).toEqual(['a', 'a', 'b']);
});

test('passages without vectors, and those of different models, support nobody but themselves', () => {
  const passages = [by('a'), by('b'), by('c'), by('d')];
  const vectors = [vector('m', 1, 0), vector('other', 1, 0), null, vector('m', 1, 0, 0)];
  expect(writersOf(1, passages, vectors)).toEqual({ writers: ['a', 'b', 'c', 'd'], incomparable: 1 });
  expect(writersOf(2, passages, vectors).writers).toEqual([]);
});
