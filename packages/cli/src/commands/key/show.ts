import type { ApiKeyInfo } from '@tributary/relay';

/** A key as lines for people. */
export function describeKey(info: ApiKeyInfo): string[] {
  const { id, name, state, permissions, indexes, budget, rate, writer, expiresAt, revokedAt, spent } = info;
  const when = revokedAt !== null ? ` on ${day(revokedAt)}` : expiresAt !== null ? `, until ${day(expiresAt)}` : '';
  return [
    `${id}  ${name}: ${state}${when}`,
    `    may ${permissions.join(', ')} on ${indexes.includes('*') ? 'every index' : indexes.join(', ')}${rate ? `, ${rate.perMinute} calls a minute, ${rate.burst} at once` : ''}`,
    `    spent ${spent.total}${of(budget.total)} in total, ${spent.today}${of(budget.perDay)} today (UTC)`,
    ...(writer === null ? [] : [`    writes for ${writer}`]),
  ];
}

const of = (bound: string | null): string => (bound === null ? '' : ` of ${bound}`);
const day = (ms: number): string => `${new Date(ms).toISOString().slice(0, 16)}Z`;
