import { denseScore } from '@tributary/proof/ranking';
import type { Screened } from '../screen/screened.ts';
import type { SignedVector } from './vectors.ts';

/** A passage with the writers whose passages are similar, its own among them. */
export interface Supported extends Screened {
  writers: string[];
}

export interface Agreement {
  /** The passages that enough writers support, in their order. */
  supported: Supported[];
  /** How many passages could not be compared with any other, because no vector of them is known. */
  incomparable: number;
}

/**
 * The passages that at least so many writers support: those whose passages have a similar vector. Similar passages are
 * about the same, but two that contradict each other are similar, too, and stand side by side.
 *
 * @param vectors of the passages, in their order; null where there is none
 * @param similarityMin cosine from which two vectors are similar
 */
export function supportedBy(
  minWriters: number,
  passages: readonly Screened[],
  { vectors, similarityMin }: { vectors: readonly (SignedVector | null)[]; similarityMin: number },
): Agreement {
  const similar = (one: number, other: number): boolean => {
    const [a, b] = [vectors[one], vectors[other]];
    return one === other || (!!a && !!b && similarity(a, b) >= similarityMin);
  };
  const supported = passages
    .map((passage, at) => ({ ...passage, writers: signersOf(passages.filter((_other, there) => similar(at, there))) }))
    .filter(({ writers }) => writers.length >= minWriters);
  return { supported, incomparable: passages.filter((_passage, at) => !vectors[at]).length };
}

const signersOf = (passages: readonly Screened[]): string[] =>
  [...new Set(passages.map(({ passage }) => passage.result.signer))].toSorted();

/** Vectors of different models have nothing to do with each other. */
const similarity = (one: SignedVector, other: SignedVector): number =>
  one.space === other.space && one.values.length === other.values.length ? denseScore('cosine', one.values, other.values) : 0;
