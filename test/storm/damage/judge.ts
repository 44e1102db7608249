import type { Place } from './kinds.ts';
import type { Fact, Facts } from './facts.ts';

/** Codes that say that data is damaged or missing. Each has its row in docs/errors.md. */
const DAMAGE_CODES: ReadonlySet<string> = new Set([
  'STORE_DAMAGED',
  'STORE_FORMAT',
  'FILE_DAMAGED',
  'DATA_FOLDER',
  'LEDGER_DAMAGED',
  'WALLET_DAMAGED',
  'API_KEYS_DAMAGED',
  'KEY_FILE',
  'POLICY_FILE',
]);

/** Words of advice. A refusal without any leaves its reader alone. */
const ADVICE = /restore|backup|repair|chmod|set its mode|write it again|run check|remove|rebuil|correct/i;

/** What came of a damage. */
export type Outcome =
  /** Everything is as it was written. */
  | 'right'
  /** The role did not start, and said why. Its folder is as it was. */
  | 'refused'
  /** The same, but sound parts had been opened before, which moves what is in a log into its database. */
  | 'refused, sound parts opened'
  /** It started, and refused what is damaged. */
  | 'refused in use'
  /** A promise is broken; the reasons say which. */
  | 'broken';

export interface Verdict {
  outcome: Outcome;
  reasons: string[];
}

/**
 * Judges a role that did not start.
 *
 * @param unchanged whether the damaged part, and its whole folder, have the bytes that they had before
 */
export function judgeRefusal(
  said: string,
  signal: string | null,
  unchanged: { part: boolean; whole: boolean },
  place: Place,
): Verdict {
  if (signal !== null) return { outcome: 'broken', reasons: [`abort: ${signal}: ${said.slice(-400)}`] };
  const code = /\(([A-Z_]+)\)\s*$/m.exec(said)?.[1] ?? 'no code';
  const reasons = [
    ...(DAMAGE_CODES.has(code) ? [] : [`unclear: refused with ${code}: ${said.slice(-300)}`]),
    ...(/^\s+at .+:\d+/m.test(said) ? [`trace: ${said.slice(-300)}`] : []),
    ...(names(said, place) ? [] : [`unclear: the refusal names no place: ${said.slice(-300)}`]),
    ...(ADVICE.test(said) ? [] : [`unclear: the refusal does not say what to do: ${said.slice(-300)}`]),
    ...(unchanged.part ? [] : ['changed: the refused opening changed the damaged part']),
  ];
  if (reasons.length > 0) return { outcome: 'broken', reasons };
  return { outcome: unchanged.whole ? 'refused' : 'refused, sound parts opened', reasons };
}

/** Whether a message names the damaged place or a folder that it is in. */
function names(said: string, { path }: Place): boolean {
  const parts = path.split('/').filter((part) => part.length > 2);
  return parts.some((part) => said.includes(part.replace(/\.[a-z]+$/, '')));
}

/** Compares what a role says with what it said before the damage. */
export function judgeFacts(facts: Facts, before: Facts): Verdict {
  const reasons: string[] = [];
  let refused = false;
  for (const [name, fact] of Object.entries(facts)) {
    const was = before[name]!;
    if (same(fact, was)) continue;
    if ('value' in fact) reasons.push(`accepted: ${name} was ${show(was)}, is ${show(fact)}`);
    else if (DAMAGE_CODES.has(fact.refused)) refused = true;
    else reasons.push(`unclear: ${name} is refused with ${fact.refused}: ${fact.message.slice(0, 300)}`);
  }
  if (reasons.length > 0) return { outcome: 'broken', reasons };
  return { outcome: refused ? 'refused in use' : 'right', reasons };
}

const same = (a: Fact, b: Fact): boolean => 'value' in a && 'value' in b && a.value === b.value;
const show = (fact: Fact): string => ('value' in fact ? fact.value : fact.refused).slice(0, 160);

/** Whether a refusal in use is about damage. */
export const isDamageCode = (code: string | null): boolean => code !== null && DAMAGE_CODES.has(code);
