import type { AnswerSource } from '@tributary/relay/testing';
import { StoreError, type Index, type Visibility } from '@tributary/store';
import { questionKey, rebuiltKey, type ProviderFixtures, type Stage } from '../fixtures.ts';

/** The present index of a provider. A real index has made and proven its answers; see `fixtures.ts`. */
export interface SimIndex extends AnswerSource, Pick<Index, 'snapshot' | 'writes' | 'consistency'> {
  visibility: Visibility;
  grow(): void;
}

/** @param pause how long an answer takes */
export function createIndex({ stages }: ProviderFixtures, pause: () => Promise<void>): SimIndex {
  let at = 0;
  const stage = (): Stage => stages[at]!;
  const found = async <Value>(value: Value | undefined, what: string): Promise<Value> => {
    await pause();
    if (value === undefined) throw new StoreError('QUERY_INVALID', `the index of the simulation has no ${what}`);
    return value;
  };
  const index: SimIndex = {
    visibility: 'listed',
    grow: () => void (at = Math.min(at + 1, stages.length - 1)),
    info: () => ({ ...stage().info, visibility: index.visibility }),
    answer: ({ parsed }) => found(stage().answers.get(questionKey(parsed)), 'such answer'),
    reached: () => Promise.resolve(), // no question of the simulation names a write
    rebuild: ({ request, snapshot }) =>
      found(stage().rebuilt.get(rebuiltKey(snapshot, JSON.parse(new TextDecoder().decode(request)))), 'such earlier answer'),
    snapshot: (manifest) => found(stage().snapshots.get(manifest), 'such snapshot'),
    writes: (hashes) => Promise.all(hashes.map((hash) => found(stage().writes.get(hash), 'such write'))),
    consistency: (first, second) => found(stage().consistency.get(`${first} ${second}`), 'such sizes'),
  };
  return index;
}
