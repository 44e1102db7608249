import { checkShape, type ProofErrorCode } from '@tributary/schemas';
import type { z } from 'zod';
import { fromUtf8 } from './bytes.ts';
import { ProofError } from './errors.ts';

// JSON.stringify writes a surrogate as an escape only when it stands alone; a backslash before it makes it plain text.
const LONE_SURROGATE = /(?<!\\)(?:\\\\)*\\ud[89a-f]/i;

/**
 * Reads canonical JSON whose members are in the order of its schema, which is the order of the specification page. What the reader
 * made of the text must serialise to the same text again: one comparison that covers spelling, order, and keys that a reader would drop.
 *
 * @throws ProofError with `code`; the message says what was wrong
 */
export function readOrdered<T extends z.ZodType>(
  schema: T,
  input: string | Uint8Array,
  what: string,
  bytesMax: number,
  code: ProofErrorCode,
): z.output<T> {
  if (input.length > bytesMax) throw new ProofError(code, `${what} is longer than ${bytesMax} bytes`);
  const text = typeof input === 'string' ? input : attempt(() => fromUtf8(input), code, `${what} is not UTF-8`);
  const json = attempt(() => JSON.parse(text) as unknown, code, `${what} is not JSON`);
  const value = attempt(() => checkShape(schema, json, what), code);
  const again = attempt(() => JSON.stringify(value), code, `${what} is nested too deep`);
  // Texts have few escapes, and looking for one is cheap.
  if (again !== text || (text.includes('\\ud') && LONE_SURROGATE.test(text)))
    throw new ProofError(code, `${what} is not spelled as its format says: canonical JSON, members in order, no others`);
  return value;
}

function attempt<T>(step: () => T, code: ProofErrorCode, message?: string): T {
  try {
    return step();
  } catch (cause) {
    throw new ProofError(code, message ?? (cause as Error).message, { cause });
  }
}
