import type { VectorStore } from '../vectors/vector-store.ts';
import type { EngineStatus, RemoteEngine, RemoteSide } from './types.ts';
import { createWaiting } from './waiting.ts';

/** What an index knows of its engine: at first nothing. */
export function createSide(store: VectorStore, engine: RemoteEngine): RemoteSide {
  const waiting = createWaiting();
  let change = Promise.withResolvers<void>();
  const side: RemoteSide = {
    engine,
    waiting,
    state: { is: 'opening' },
    faults: { unknown: 0, stale: 0, short: 0 },
    capacity: () => store.capacity,
    distrust() {
      for (let slot = 0; slot < store.capacity; slot += 1) waiting.add(slot);
    },
    changed() {
      change.resolve();
      change = Promise.withResolvers<void>();
    },
    followed: null,
    onTrouble: () => undefined,
    async known() {
      while (side.state.is === 'opening') await change.promise;
    },
  };
  return side;
}

/** How the engine does, as a plain value. */
export const statusOfEngine = ({ state, waiting, faults }: RemoteSide): EngineStatus => ({
  state: state.is === 'closed' ? 'down' : state.is,
  waiting: waiting.count(),
  why: state.is === 'down' ? state.why.message : null,
  faults: { ...faults },
});
