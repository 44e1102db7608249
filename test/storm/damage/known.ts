import type { Way } from './spoil.ts';

/** A gap that is known, until something closes it. */
interface Gap {
  kind: RegExp;
  ways: readonly Way[];
  why: string;
}

const GAPS: readonly Gap[] = [
  { kind: /\/keys\/writers\//, ways: ['missing', 'older'], why: 'a writer key that is gone is noticed when it is to sign' },
];

/** The known gap that explains a broken promise; null for none. */
export const gapOf = (kind: string, way: Way): string | null =>
  GAPS.find((gap) => gap.kind.test(kind) && gap.ways.includes(way))?.why ?? null;
