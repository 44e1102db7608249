import { createLru } from '../lru.ts';
import { itemWeight } from './known-items.ts';
import {
  verifiedItemsBytesMax,
  verifiedPlacesMax,
  verifiedSnapshotsMax,
  verifiedStatementsMax,
  verifiedWritesMax,
} from './limits.ts';
import type { VerifierCaches } from './types.ts';

/** Empty caches for {@link VerifierCaches}; a client keeps one set for all its answers. */
export function createVerifierCaches(): VerifierCaches {
  return {
    identities: createLru(verifiedStatementsMax),
    offers: createLru(verifiedStatementsMax),
    snapshots: createLru(verifiedSnapshotsMax),
    writes: createLru(verifiedWritesMax),
    writers: createLru(verifiedStatementsMax),
    items: createLru(verifiedItemsBytesMax, itemWeight),
    places: createLru(verifiedPlacesMax),
  };
}
