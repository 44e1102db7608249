const UNITS: readonly [ms: number, name: string][] = [
  [86_400_000, 'day'],
  [3_600_000, 'hour'],
  [60_000, 'minute'],
  [1_000, 'second'],
];

/** A duration in words, rounded up: `3 minutes`. */
export function inWords(ms: number): string {
  const [unitMs, name] = UNITS.find(([unit]) => ms >= 2 * unit) ?? [1_000, 'second'];
  const count = Math.max(1, Math.ceil(ms / unitMs));
  return `${count} ${name}${count === 1 ? '' : 's'}`;
}
