import type { z } from 'zod';
import { inWords } from './in-words.ts';
import { TributaryError } from './codes.ts';
import { outlineJson, unsafeNumber } from './json-text.ts';
import { jsonDepthMax } from './limits.ts';

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
// A well-formed string never needs a surrogate escape in JSON.stringify output (ECMA-262 QuoteJSONString). After an odd
// number of backslashes the same letters are plain text, as in source code about such escapes.
const SURROGATE_ESCAPE = /(?<!\\)(?:\\\\)*\\ud[89a-f]/;

/**
 * Reads JSON that must be spelled exactly as ECMAScript `JSON.stringify` spells its value: no white space, no duplicate
 * or reordered integer-like keys, no numbers that change when read, no lone surrogates, nothing before or after. One
 * value has one spelling, so what was hashed is what was read. docs/spec/encoding.md states the same rule without
 * reference to JavaScript.
 *
 * @throws TributaryError INPUT_TOO_LARGE, INPUT_NOT_UTF8, INPUT_NOT_JSON, INPUT_NOT_CANONICAL or INPUT_SHAPE
 */
export function parseStrict<T extends z.ZodType>(
  schema: T,
  input: string | Uint8Array,
  what: string,
  bytesMax: number,
): z.output<T> {
  const value = parseCanonical(input, what, bytesMax);
  return checkShape(schema, value, what);
}

/**
 * Like {@link parseStrict}, with the members of every object in the order of the schema, which is the order of the
 * specification page. The parsed value must serialise to the same text again. This one comparison covers spelling,
 * order, and keys that a reader would drop. Used for everything that is signed or hashed.
 *
 * @throws TributaryError as {@link parseStrict}
 */
export function parseOrdered<T extends z.ZodType>(
  schema: T,
  input: string | Uint8Array,
  what: string,
  bytesMax: number,
): z.output<T> {
  const { json } = readText(input, what, bytesMax);
  const value = checkShape(schema, parseText(json, what), what);
  refuseOtherSpelling(json, value, what);
  return value;
}

/** The value of canonical JSON, without a check of its shape. */
export function parseCanonical(input: string | Uint8Array, what: string, bytesMax: number): unknown {
  const { json } = readText(input, what, bytesMax);
  const value = parseText(json, what);
  refuseOtherSpelling(json, value, what);
  return value;
}

/**
 * Reads JSON in any spelling: white space, order of members, escapes and forms of numbers are free. It refuses what two
 * readers could take for different values: repeated members, numbers beyond float64, lone surrogates. Used for files
 * that people and tools rewrite.
 *
 * @throws TributaryError INPUT_TOO_LARGE, INPUT_NOT_UTF8 or INPUT_NOT_JSON
 */
export function parseJson(input: string | Uint8Array, what: string, bytesMax: number): unknown {
  const { json, members } = readText(input, what, bytesMax);
  const value = parseText(json, what);
  const refuse = (why: string) => new TributaryError('INPUT_NOT_JSON', `${what} ${why}`);
  const number = unsafeNumber(json);
  if (number !== null) throw refuse(`has the number ${number.slice(0, 40)}, which readers may take for different values`);
  const found = inspect(value);
  if (found.members !== members) throw refuse('has a member twice');
  if (!found.wellFormed) throw refuse('has half of a surrogate pair');
  return value;
}

/** The text, bounded in bytes and depth before any recursive code reads it, and its number of members. */
function readText(input: string | Uint8Array, what: string, bytesMax: number): { json: string; members: number } {
  if (input.length > bytesMax)
    throw new TributaryError('INPUT_TOO_LARGE', `${what} is ${input.length} bytes; at most ${bytesMax}`);
  const json = typeof input === 'string' ? input : decode(input, what);
  const { depth, members } = outlineJson(json, jsonDepthMax);
  if (depth > jsonDepthMax) throw new TributaryError('INPUT_NOT_JSON', `${what} nests deeper than ${jsonDepthMax} levels`);
  return { json, members };
}

function parseText(json: string, what: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw new TributaryError('INPUT_NOT_JSON', `${what} is not JSON`, { cause });
  }
}

function refuseOtherSpelling(json: string, value: unknown, what: string): void {
  // Texts have few escapes, and searching for one is cheap.
  if (JSON.stringify(value) !== json || (json.includes('\\ud') && SURROGATE_ESCAPE.test(json)))
    throw new TributaryError(
      'INPUT_NOT_CANONICAL',
      `${what} is not in canonical JSON, with the members of its format in their order: it differs from its own re-serialisation`,
    );
}

/**
 * Members of all objects, and whether every string and key is well-formed Unicode. Recurses as deep as the text, which
 * was bounded.
 */
function inspect(value: unknown): { members: number; wellFormed: boolean } {
  if (typeof value === 'string') return { members: 0, wellFormed: value.isWellFormed() };
  if (typeof value !== 'object' || value === null) return { members: 0, wellFormed: true };
  const keys = Array.isArray(value) ? [] : Object.keys(value);
  const parts = [...keys, ...Object.values(value)].map(inspect);
  return {
    members: parts.reduce((sum, { members }) => sum + members, keys.length),
    wellFormed: parts.every(({ wellFormed }) => wellFormed),
  };
}

/** Checks a value against its schema; the message names the first wrong field. */
export function checkShape<T extends z.ZodType>(schema: T, value: unknown, what: string): z.output<T> {
  const result = schema.safeParse(value, { error: inWords });
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const where = issue?.path.length ? ` at ${issue.path.join('.')}` : '';
  throw new TributaryError('INPUT_SHAPE', `${what}${where}: ${issue?.message ?? 'wrong shape'}`);
}

function decode(bytes: Uint8Array, what: string): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new TributaryError('INPUT_NOT_UTF8', `${what} is not UTF-8`, { cause });
  }
}
