import type { Reply } from '../world/calls.ts';
import type { Memory } from './types.ts';

/** Codes that a caller may get while processes die and restart. */
const EXPECTED: ReadonlySet<string> = new Set([
  'NOBODY',
  'CUT',
  'SHUTTING_DOWN',
  'NO_PROVIDER',
  'INDEX_NOT_OFFERED',
  'LINK_CLOSED',
  'ASK_TIMEOUT',
  'DEADLINE',
  'OVERLOADED',
  'STORE_BUSY',
  'STORE_CLOSED',
  'OFFER_UNKNOWN',
  'OFFER_EXPIRED',
  'IN_FLIGHT_CAP',
  'TICKET_OVER',
  'ANSWER_PENDING',
]);

/** Notes a refusal. One that no caller may get is a violation. */
export function noteRefusal(
  memory: Memory,
  what: string,
  { status, code, body }: Reply,
  more: ReadonlySet<string> = new Set(),
): void {
  memory.tally.refused += 1;
  if (code !== null && (EXPECTED.has(code) || memory.refusals.has(code) || more.has(code))) return;
  memory.violations.push(`refusal: ${what}: ${status} ${code} ${JSON.stringify(body)?.slice(0, 400)}`);
}
