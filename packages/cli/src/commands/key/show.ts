import type { ApiKeyInfo, ListedKey } from '@tributary/relay';

/** A key as lines for people. */
export function describeKey(info: ApiKeyInfo & Partial<Pick<ListedKey, 'account'>>): string[] {
  const { id, name, state, permissions, indexes, budget, rate, writer, expiresAt, revokedAt, spent, account } = info;
  const when = revokedAt !== null ? ` on ${day(revokedAt)}` : expiresAt !== null ? `, until ${day(expiresAt)}` : '';
  return [
    `${id}  ${name}: ${state}${when}`,
    `    may ${permissions.join(', ')} on ${indexes.includes('*') ? 'every index' : indexes.join(', ')}${rate ? `, ${rate.perMinute} calls a minute, ${rate.burst} at once` : ''}`,
    `    spent ${spent.total}${of(budget.total)} in total, ${spent.today}${of(budget.perDay)} today (UTC)`,
    ...(account ? [describeAccount(account)] : []),
    ...(writer === null ? [] : [`    writes for ${writer}`]),
  ];
}

/** Amounts come as decimal strings. */
function describeAccount({ channels, locked, spent, writtenOff, couldLose }: NonNullable<ListedKey['account']>): string {
  const open = channels === 1 ? '1 open channel' : `${channels} open channels`;
  return `    account: paid ${spent}, ${locked} locked in ${open}, could lose ${couldLose}, written off ${writtenOff}`;
}

const of = (bound: string | null): string => (bound === null ? '' : ` of ${bound}`);
const day = (ms: number): string => `${new Date(ms).toISOString().slice(0, 16)}Z`;
