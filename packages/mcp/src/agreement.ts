import { agreementMin } from './limits.ts';
import type { Screened } from './screen/screened.ts';

/** A passage with the writers whose passages use nearly the same words, its own among them. */
export interface Supported extends Screened {
  writers: string[];
}

/**
 * The passages that at least so many writers support. Support is likeness of words, not of meaning: two passages that
 * contradict each other in one number are alike, and stand side by side.
 */
export function supportedBy(minWriters: number, passages: readonly Screened[]): Supported[] {
  const counts = passages.map(({ passage }) => wordCounts(passage.result.text));
  return passages
    .map((one, at) => ({
      ...one,
      writers: [
        ...new Set(
          passages
            .filter((_other, there) => there === at || cosine(counts[at]!, counts[there]!) >= agreementMin)
            .map(({ passage }) => passage.result.signer),
        ),
      ].toSorted(),
    }))
    .filter(({ writers }) => writers.length >= minWriters);
}

type Counts = ReadonlyMap<string, number>;

/** Words in lower case; single characters of scripts that use no spaces. */
function wordCounts(text: string): Counts {
  const counts = new Map<string, number>();
  for (const [word] of text.toLowerCase().matchAll(/\p{Script=Han}|[\p{L}\p{N}]+/gu))
    counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

function cosine(one: Counts, other: Counts): number {
  const dot = [...one].reduce((sum, [word, count]) => sum + count * (other.get(word) ?? 0), 0);
  const length = (counts: Counts): number => Math.sqrt([...counts.values()].reduce((sum, count) => sum + count * count, 0));
  return dot === 0 ? 0 : dot / (length(one) * length(other));
}
