import type { Metadata } from '@tributary/schemas';

/** The key of metadata below which frameworks get the provenance of a passage. It is never stored. */
export const PROVENANCE = 'tributary';

/**
 * Metadata as records keep it: strings, numbers, booleans and lists of strings. Members of objects and of other lists
 * get names with dots (`loc.lines.from`); null and undefined are left out, and so is the provenance of an earlier
 * answer.
 */
export function flatMetadata(value: Readonly<Record<string, unknown>>): Metadata {
  const { [PROVENANCE]: _, ...own } = value;
  return Object.fromEntries(flatten(own, ''));
}

function* flatten(value: object, prefix: string): Generator<[string, Metadata[string]]> {
  for (const [key, member] of Object.entries(value) as [string, unknown][]) {
    const name = `${prefix}${key}`;
    if (isFlat(member)) yield [name, member];
    else if (member instanceof Date) yield [name, member.toISOString()];
    else if (typeof member === 'object' && member !== null) yield* flatten(member, `${name}.`);
    else if (typeof member === 'bigint') yield [name, String(member)];
  }
}

const isFlat = (value: unknown): value is Metadata[string] =>
  ['string', 'number', 'boolean'].includes(typeof value) ||
  (Array.isArray(value) && value.every((member) => typeof member === 'string'));
