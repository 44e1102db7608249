/** The query string of a URL, without members that have no value. */
export function queryOf(members: Record<string, string | number | undefined>): string {
  const pairs = Object.entries(members).flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)] as const]));
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs.map(([key, value]) => [key, value])).toString()}`;
}
