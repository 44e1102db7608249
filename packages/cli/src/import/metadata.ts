import { jsonDepthMax, type Metadata, type MetadataValue } from '@tributary/schemas';

/** Why a record cannot be imported. */
export class CannotHold extends Error {}

/**
 * Metadata of another store in the form of ours, which is flat and has no null. `changed` says whether anything had to
 * be changed besides dates: docs/guides/moving.md has the rules.
 *
 * @throws CannotHold
 */
export function toMetadata(fields: Record<string, unknown>): { metadata: Metadata; changed: boolean } {
  const held = new Map<string, MetadataValue>();
  const state = { changed: false };
  for (const [key, value] of Object.entries(fields)) flatten(key, value, 1, held, state);
  return { metadata: Object.fromEntries(held), ...state };
}

function flatten(
  key: string,
  value: unknown,
  depth: number,
  held: Map<string, MetadataValue>,
  state: { changed: boolean },
): void {
  if (depth > jsonDepthMax) throw new CannotHold(`the metadata nest deeper than ${jsonDepthMax} levels`);
  if (value === null || value === undefined) {
    state.changed = true;
  } else if (isPlainObject(value)) {
    state.changed = true;
    for (const [name, part] of Object.entries(value)) flatten(`${key}.${name}`, part, depth + 1, held, state);
  } else {
    if (key === '' || key.startsWith('$'))
      throw new CannotHold(`the metadata have a name '${key.slice(0, 64)}'; names must not be empty or start with '$'`);
    if (held.has(key)) throw new CannotHold(`the metadata have '${key.slice(0, 64)}' twice, once as a nested member`);
    held.set(key, toValue(key, value, state));
  }
}

function toValue(key: string, value: unknown, state: { changed: boolean }): MetadataValue {
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'bigint') return exact(key, Number(value));
  if (typeof value === 'number') return exact(key, value);
  if (value instanceof Date) return dateText(key, value);
  if (Array.isArray(value)) {
    if (value.every((part) => typeof part === 'string')) return value;
    state.changed = true;
    return toJson(key, value);
  }
  throw new CannotHold(`the metadata member '${key.slice(0, 64)}' has a type that an index cannot hold`);
}

/** Integers above 2^53 are refused: what was read may not be what the source has. */
function exact(key: string, value: number): number {
  if (Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value))) return value;
  throw new CannotHold(`the metadata member '${key.slice(0, 64)}' is a number that cannot be held exactly`);
}

function dateText(key: string, value: Date): string {
  if (Number.isNaN(value.getTime())) throw new CannotHold(`the metadata member '${key.slice(0, 64)}' is not a date`);
  return value.toISOString();
}

function toJson(key: string, value: unknown[]): string {
  try {
    return JSON.stringify(value);
  } catch {
    throw new CannotHold(`the metadata member '${key.slice(0, 64)}' has a type that an index cannot hold`);
  }
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date) && !ArrayBuffer.isView(value)
  );
}
