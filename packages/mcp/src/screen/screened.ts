import { screen } from '@tributary/screen';
import type { Passage } from '../passages.ts';
import type { Guard } from './guard.ts';

export interface Screened {
  passage: Passage;
  /** Labels; empty for a passage in which nothing was found. */
  flags: string[];
}

/** The labels of a text, each once. */
export const labelsOf = (text: string): string[] => [...new Set(screen(text).map(({ label }) => label))];

/**
 * Splits passages into those that are shown and those that are left out. Texts stay as they are, because they are
 * signed. What the rules flag never reaches the guard.
 */
export async function screened(
  passages: readonly Passage[],
  guard: Guard | null,
  { includeFlagged }: { includeFlagged: boolean },
): Promise<{ shown: Screened[]; withheld: { id: string; flags: string[] }[] }> {
  const ruled = passages.map((passage) => ({ passage, flags: labelsOf(searched(passage)) }));
  const clean = ruled.filter(({ flags }) => flags.length === 0);
  const judged = (await guard?.judge(clean.map(({ passage: { id, result } }) => ({ id, text: result.text })))) ?? new Map();
  const all = ruled.map(({ passage, flags }): Screened => ({
    passage,
    flags: judged.has(passage.id) ? [...(judged.get(passage.id) ?? []), 'guard'] : flags,
  }));
  if (includeFlagged) return { shown: all, withheld: [] };
  return {
    shown: all.filter(({ flags }) => flags.length === 0),
    withheld: all.filter(({ flags }) => flags.length > 0).map(({ passage: { id }, flags }) => ({ id, flags })),
  };
}

/** What an agent would read of a passage: its text, title, heading and metadata. */
function searched({ result: { text, source, metadata } }: Passage): string {
  const words = Object.values(metadata).flatMap((value) =>
    typeof value === 'string' ? [value] : Array.isArray(value) ? value : [],
  );
  return [text, source?.title ?? '', source?.context ?? '', source?.uri ?? '', ...words].join('\n\n');
}
