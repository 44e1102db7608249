import type { z } from 'zod';

/** A mistake in the shape of a value, as zod reports it. */
type Issue = z.core.$ZodRawIssue;

/**
 * Says what is wrong with a value, in words that follow the name of the member: `topK: must be a number, not a string`.
 * For the option `error` of zod's `safeParse`; a message of the schema itself comes first.
 */
export function inWords(issue: Issue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'is missing' : `must be ${kind(issue.expected)}, not ${kindOf(issue.input)}`;
    case 'unrecognized_keys':
      return `there is no member ${issue.keys.map((key) => JSON.stringify(key)).join(', ')}`;
    case 'invalid_value':
      return `must be ${issue.values.map((value) => JSON.stringify(value)).join(' or ')}`;
    case 'too_small':
      return `must ${bound(issue.origin, issue.inclusive === false ? 'more than' : 'at least', issue.minimum)}`;
    case 'too_big':
      return `must ${bound(issue.origin, issue.inclusive === false ? 'less than' : 'at most', issue.maximum)}`;
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`;
    case 'invalid_format':
      return issue.format === 'regex' ? 'does not have the right form' : `is not a valid ${issue.format}`;
    case 'invalid_union':
      return 'has none of the forms that are allowed';
    case 'invalid_key':
      return 'has a name that is not allowed';
    case 'invalid_element':
      return 'has an item that is not allowed';
    default:
      return undefined;
  }
}

const UNITS: Readonly<Record<string, string>> = { string: 'characters', array: 'items', set: 'items', map: 'members' };

const bound = (origin: string, most: string, limit: number | bigint): string =>
  UNITS[origin] === undefined ? `be ${most} ${limit}` : `have ${most} ${limit} ${UNITS[origin]}`;

const KINDS: Readonly<Record<string, string>> = {
  int: 'a whole number',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  null: 'null',
};

const kind = (name: string): string => KINDS[name] ?? `a ${name}`;

function kindOf(value: unknown): string {
  if (Number.isNaN(value)) return 'NaN';
  if (value === null) return 'null';
  return kind(Array.isArray(value) ? 'array' : typeof value);
}
