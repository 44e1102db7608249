import { jsonDepthMax, nestsDeeper } from '@tributary/schemas';

const decoder = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads JSON of other programs. Unlike our own reader it takes any spelling of a number, because vectors are rounded to
 * 32 bits anyway and `toMetadata` refuses integers that may have changed.
 *
 * @throws Error that says what is wrong
 */
export function readJson(given: Uint8Array | string): unknown {
  const text = typeof given === 'string' ? given : decode(given);
  if (nestsDeeper(text, jsonDepthMax)) throw new Error(`nests deeper than ${jsonDepthMax} levels`);
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('is not JSON');
  }
}

function decode(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new Error('is not UTF-8');
  }
}
