// Which indexes a pattern matches (docs/spec/api-keys.md). An index is given as a name or as name@fingerprint.

/**
 * True when one of the patterns matches the index. A name without a fingerprint never matches a pattern that has one.
 */
export function means(patterns: readonly string[], index: string): boolean {
  return patterns.some((pattern) => matches(pattern, index));
}

/**
 * True when one of the patterns matches the index, or may match once its owner is known. For names as a caller gave
 * them.
 */
export function mayMean(patterns: readonly string[], index: string): boolean {
  return patterns.some((pattern) => matches(pattern, index) || (!index.includes('@') && nameOf(pattern) === index));
}

function matches(pattern: string, index: string): boolean {
  if (pattern.endsWith('*')) return nameOf(index).startsWith(pattern.slice(0, -1));
  return pattern.includes('@') ? pattern === index : pattern === nameOf(index);
}

const nameOf = (index: string): string => index.split('@', 1)[0]!;
