import type { ApiKeyRecord, Permission } from '@tributary/schemas';
import { RelayError } from '../errors.ts';
import type { Budgets } from './budgets.ts';
import { mayMean, means } from './scope.ts';
import { left } from './spent.ts';
import type { Caller } from './types.ts';

/** The caller of a node without keys. It may do all that the node itself may do. */
export const anybody: Caller = {
  key: null,
  writer: null,
  require: () => undefined,
  requireNamed: () => undefined,
  covers: () => true,
  reserve: () => Promise.resolve({ settle: () => undefined }),
  left: () => null,
};

/** The holder of a key. */
export function holder({ id, writer, permissions, indexes, budget }: ApiKeyRecord, budgets: Budgets): Caller {
  const bounds = { total: toBound(budget.total), perDay: toBound(budget.perDay) };
  const permit = (permission: Permission): void => {
    if (!permissions.includes(permission))
      throw new RelayError(
        'API_KEY_SCOPE',
        `the API key ${id} lacks the permission '${permission}'; it has ${permissions.join(', ')}`,
      );
  };
  const admit = (allowed: boolean, index: string): void => {
    if (!allowed)
      throw new RelayError('API_KEY_SCOPE', `the API key ${id} is not for the index '${index}'; it is for ${indexes.join(', ')}`);
  };
  return {
    key: id,
    writer,
    require(permission, index) {
      permit(permission);
      if (index !== undefined) admit(means(indexes, index), index);
    },
    requireNamed(permission, index) {
      permit(permission);
      admit(mayMean(indexes, index), index);
    },
    covers: (index) => means(indexes, index),
    reserve: (most) => budgets.reserve(id, bounds, most),
    left: () => left(budgets.spent(id), bounds).most,
  };
}

const toBound = (amount: string | null): bigint | null => (amount === null ? null : BigInt(amount));
