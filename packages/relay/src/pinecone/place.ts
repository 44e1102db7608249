import type { Index } from '@tributary/store';
import type { Caller } from '../api-keys/types.ts';
import { RelayError } from '../errors.ts';
import type { OwnIndexes } from '../own/types.ts';
import type { Others } from './others/others.ts';

/** Indexes that a call can refer to: the node's own, and offered ones of others. */
export interface Places {
  own: OwnIndexes;
  others: Others;
  /** True for an index of others. An unknown index counts as an own one, which is then not found. */
  isOther(nameOrId: string, caller: Caller): boolean;
  /**
   * An own index.
   *
   * @throws RelayError NOT_ALLOWED for an index of others; StoreError INDEX_NOT_FOUND
   */
  index(nameOrId: string, caller: Caller): Index;
}

export function createPlaces(own: OwnIndexes, others: Others): Places {
  const isOther = (nameOrId: string, caller: Caller): boolean =>
    own.idOf(nameOrId) === undefined && others.find(nameOrId, caller) !== undefined;
  return {
    own,
    others,
    isOther,
    index(nameOrId, caller) {
      if (isOther(nameOrId, caller))
        throw new RelayError(
          'NOT_ALLOWED',
          `${nameOrId} is an index of somebody else: it can be queried, and what was bought of it can be fetched`,
        );
      return own.index(nameOrId, caller.writer);
    },
  };
}
