// For tests that change one member of a value at a time.
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type Path = readonly (string | number)[];

/** Paths of all values that have no members. */
export function leavesOf(value: Json, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([key, member]) => leavesOf(member, [...path, Array.isArray(value) ? Number(key) : key]));
}

/** Other values of the same kind; for null, values that could be in its place. */
export function variants(value: Json): Json[] {
  if (typeof value === 'boolean') return [!value];
  if (typeof value === 'number')
    return Number.isInteger(value) ? [value + 1, Math.max(0, value - 1)] : [value + 1e-4, value - 1e-4];
  if (value === null) return [0.5, 'AAAAAAAA', '0'];
  if (typeof value !== 'string') return [];
  const text = value;
  const digit = text.startsWith('0') ? '1' : '0';
  const letter = text.startsWith('A') ? 'B' : 'A';
  return [digit + text.slice(1), letter + text.slice(1), `${text}0`, text.slice(0, -1), String(Number(text) + 1)];
}

export function withChange<T>(root: T, path: Path, to: Json): T {
  const copy = structuredClone(root);
  const holder = path.slice(0, -1).reduce<Json>((at, key) => (at as Record<string | number, Json>)[key]!, copy as Json);
  (holder as Record<string | number, Json>)[path.at(-1)!] = to;
  return copy;
}
