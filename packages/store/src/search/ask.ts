import { nearestEffort, scoresAll } from '../vectors/effort.ts';
import type { Asked, Within } from '../vectors/types.ts';
import type { Prepared, Scope, SearchState } from './types.ts';

/**
 * Asks the engine of this index for candidates. Null for queries that compare every vector of their scope here.
 *
 * @param again the scope as it is then: answers of the engine are awaited, and writes come between
 * @throws StoreError ENGINE_*
 */
export function ask(
  state: SearchState,
  { query, dense }: Prepared,
  scope: Scope,
  again: () => Scope,
): Promise<Asked | null> | null {
  if (dense === null || scope.count === 0) return null;
  if (query.mode === 'dense-sparse' && scoresAll({ ...state, query, scope })) return null;
  const { scans, ...walk } = nearestEffort({ ...state, query, scope });
  return scans ? null : state.dense.ask(dense.vector, walk, () => within(state, query.namespace, again()));
}

function within({ namespaces: { byName, records } }: SearchState, namespace: string, scope: Scope): Within {
  const own = byName.get(namespace)?.list.length ?? 0;
  return { ...scope, namespace: own === records ? null : namespace, records: own };
}
