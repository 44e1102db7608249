// One fixed version of Unicode, whatever the engine has, because two verifiers must find the same terms in ten years.
import { ASSIGNED, UNSPACED, WORD } from './unicode.ts';

const LATER = new RegExp(`[^${classOf(ASSIGNED)}]`, 'u');
const EVERY_LATER = new RegExp(LATER.source, 'gu');
const UNSPACED_CLASS = classOf(UNSPACED);

const RUN = new RegExp(`[${UNSPACED_CLASS}]+|(?:(?![${UNSPACED_CLASS}])[${classOf(WORD)}])+`, 'gu');
const STARTS_UNSPACED = new RegExp(`^[${UNSPACED_CLASS}]`, 'u');

/** Runs of letters, numbers and marks of a folded text. Runs of scripts written without spaces are separate. */
export function runsOf(text: string): string[] {
  // Not matchAll, which creates a new regular expression for each call.
  return text.match(RUN) ?? [];
}

/** True when a run is of a script written without spaces. */
export function isUnspaced(run: string): boolean {
  return STARTS_UNSPACED.test(run);
}

/**
 * NFKC and lower case of a text by Unicode 15.0 (docs/spec/query.md). Code points that 15.0 does not assign become
 * spaces first, because later versions may decompose them or call them letters. Every later version normalises the
 * assigned ones in the same way (Unicode's stability policy).
 */
export function fold(text: string): string {
  const known = text.replace(EVERY_LATER, ' ').normalize('NFKC');
  // The form of sigma at the end of a word depends on properties of its neighbours, which may still change.
  return lower(known).replaceAll('ς', 'σ');
}

function lower(text: string): string {
  let lowered = text.toLowerCase();
  if (!LATER.test(lowered)) return lowered;
  // This version has the letter, but its small form came later, so here it has none.
  for (const letter of new Set(text))
    if (LATER.test(letter.toLowerCase())) lowered = lowered.replaceAll(letter.toLowerCase(), letter);
  return lowered;
}

/** The inside of a character class for runs of gaps and lengths. */
function classOf(runs: string): string {
  const numbers = runs.split(' ').map((number) => Number.parseInt(number, 36));
  const ranges: string[] = [];
  let from = 0;
  for (let at = 0; at < numbers.length; at += 2) {
    from += numbers[at]!;
    const next = from + numbers[at + 1]!;
    ranges.push(`\\u{${from.toString(16)}}-\\u{${(next - 1).toString(16)}}`);
    from = next;
  }
  return ranges.join('');
}
