import type { z } from 'zod';
import { TributaryError } from './codes.ts';
import { jsonDepthMax } from './limits.ts';

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
// A well-formed string never needs a surrogate escape in JSON.stringify output (ECMA-262 QuoteJSONString). After an odd number of
// backslashes the same letters are plain text, as in source code about such escapes.
const SURROGATE_ESCAPE = /(?<!\\)(?:\\\\)*\\ud[89a-f]/;

/**
 * Reads JSON that must be spelled exactly as ECMAScript `JSON.stringify` spells its value: no white space, no duplicate or
 * reordered integer-like keys, no numbers that change when read, no lone surrogates, nothing before or after. One value has one
 * spelling, so what was hashed is what was read. docs/spec/encoding.md states the same rule without reference to JavaScript.
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

/** The value of canonical JSON, before any check of its shape. */
export function parseCanonical(input: string | Uint8Array, what: string, bytesMax: number): unknown {
  if (input.length > bytesMax)
    throw new TributaryError('INPUT_TOO_LARGE', `${what} is ${input.length} bytes; at most ${bytesMax}`);
  const json = typeof input === 'string' ? input : decode(input, what);
  if (nestsDeeper(json, jsonDepthMax))
    throw new TributaryError('INPUT_NOT_JSON', `${what} nests deeper than ${jsonDepthMax} levels`);
  let value: unknown;
  let again: string | undefined;
  try {
    value = JSON.parse(json);
    again = JSON.stringify(value);
  } catch (cause) {
    throw new TributaryError('INPUT_NOT_JSON', `${what} is not JSON`, { cause });
  }
  if (again !== json || (json.includes('\\ud') && SURROGATE_ESCAPE.test(json))) {
    throw new TributaryError('INPUT_NOT_CANONICAL', `${what} is not in canonical JSON: it differs from its own re-serialisation`);
  }
  return value;
}

/** Checks a value against its schema; the message names the first wrong field. */
export function checkShape<T extends z.ZodType>(schema: T, value: unknown, what: string): z.output<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const where = issue?.path.length ? ` at ${issue.path.join('.')}` : '';
  throw new TributaryError('INPUT_SHAPE', `${what}${where}: ${issue?.message ?? 'wrong shape'}`);
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Looks at brackets outside strings only, before anything recursive does; linear, some 8 µs for an answer of 45 KB that is read in 70. */
export function nestsDeeper(json: string, levels: number): boolean {
  let depth = 0;
  for (let at = 0; at < json.length; at += 1) {
    const unit = json.charCodeAt(at);
    if (unit === QUOTE) {
      at = endOfString(json, at + 1);
    } else if (unit === 0x5b || unit === 0x7b) {
      depth += 1;
      if (depth > levels) return true;
    } else if (unit === 0x5d || unit === 0x7d) {
      depth -= 1;
    }
  }
  return false;
}

/** Place of the quote that ends the string; the end of the text when none does, which the JSON reader will refuse. */
function endOfString(json: string, from: number): number {
  for (let at = from; ; at += 1) {
    at = json.indexOf('"', at);
    if (at < 0) return json.length;
    let backslashes = 0;
    while (json.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return at;
  }
}

function decode(bytes: Uint8Array, what: string): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new TributaryError('INPUT_NOT_UTF8', `${what} is not UTF-8`, { cause });
  }
}
