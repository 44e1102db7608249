// Which indexes a pattern means (docs/spec/api-keys.md). An index is given by name or as name@fingerprint.

/**
 * True when one of the patterns means the index. A name without a fingerprint never satisfies a pattern that has one.
 */
export function means(patterns: readonly string[], index: string): boolean {
  return patterns.some((pattern) => matches(pattern, index));
}

/**
 * True when one of the patterns means the index, or could once it is known whose it is: for names that a caller gave.
 */
export function mayMean(patterns: readonly string[], index: string): boolean {
  return patterns.some((pattern) => matches(pattern, index) || (!index.includes('@') && nameOf(pattern) === index));
}

function matches(pattern: string, index: string): boolean {
  if (pattern.endsWith('*')) return nameOf(index).startsWith(pattern.slice(0, -1));
  return pattern.includes('@') ? pattern === index : pattern === nameOf(index);
}

const nameOf = (index: string): string => index.split('@', 1)[0]!;
