import type { KnownOffer } from './types.ts';

/** Whether the name means this index. A full id means only itself; a bare name means every id with that name. */
export function namesIndex(name: string, id: string): boolean {
  return name.includes('@') ? name === id : id.startsWith(`${name}@`);
}

/** The first few index ids, for a message. */
export function listIds(known: readonly Pick<KnownOffer, 'offer'>[]): string {
  const ids = known.map(({ offer }) => offer.index);
  return ids.length > idsShownMax
    ? `${ids.slice(0, idsShownMax).join(', ')} and ${ids.length - idsShownMax} more`
    : ids.join(', ');
}
const idsShownMax = 20;

/** The message about a name that no index has, with the one that was probably meant. */
export function unknownIndex(name: string, known: readonly Pick<KnownOffer, 'offer'>[]): string {
  const wrong = name === '' ? 'the name of the index is empty' : `nobody offers the index '${name}'`;
  const near = nearest(name, known);
  return `${wrong}${near === null ? '' : `; did you mean '${near}'?`}; known: ${listIds(known) || 'none'}`;
}

/** The known name, or id if one was given, that differs by a few letters; null when there is none. */
function nearest(asked: string, known: readonly Pick<KnownOffer, 'offer'>[]): string | null {
  const [name = '', fingerprint] = asked.split('@');
  const candidates = known.map(({ offer }) => ({ id: offer.index, name: offer.index.split('@')[0]! }));
  const scored = candidates
    .map(({ id, name: other }) => ({ shown: fingerprint === undefined ? other : id, letters: lettersApart(name, other) }))
    .filter(({ letters }) => letters <= Math.max(1, Math.floor(name.length / 4)))
    .toSorted((a, b) => a.letters - b.letters);
  return scored[0]?.shown ?? null;
}

/** Least number of letters to insert, delete, replace or swap with the next (optimal string alignment). */
function lettersApart(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, at) => at)];
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = rows[i - 1]![j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(Math.min(change, rows[i - 1]![j]! + 1, row[j - 1]! + 1, swapped ? rows[i - 2]![j - 2]! + 1 : Infinity));
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
}
