/**
 * The places where a pattern with the flag `g` matches. Most texts have none, and then a test is cheaper than an
 * iterator.
 */
export function placesOf(pattern: RegExp, text: string): { start: number; end: number }[] {
  pattern.lastIndex = 0;
  if (!pattern.test(text)) return [];
  pattern.lastIndex = 0;
  return [...text.matchAll(pattern)].map(({ index, 0: found }) => ({ start: index, end: index + found.length }));
}
