import type { Purse, QueryContext } from './types.ts';

/** What belongs to one account is paid by it, and kept for it alone. */
export const paidFrom = <Context extends Pick<QueryContext, 'wallet' | 'kept'>>(
  purse: Pick<Purse, 'wallet' | 'kept'> | undefined,
  context: Context,
): Context => (purse?.wallet ? { ...context, wallet: purse.wallet, kept: purse.kept ?? null } : context);
