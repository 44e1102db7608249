import { ed25519PublicKey, equalBytes, hashLeaf, openCheckpoint, toHex } from '@tributary/proof/primitives';
import { logOrigin, tombstoneEntry } from '@tributary/proof/statements';
import { searchText } from '@tributary/schemas';
import type { Database } from '../disk/database.ts';
import { metaKey, recordKey } from '../disk/keys.ts';
import { decodeRevision, leafIn } from '../disk/values.ts';
import type { Image } from '../image/image.ts';
import { createEngine, type SearchEngine } from '../search/engine.ts';
import { changedSlots } from '../snapshot/past.ts';
import { followChains } from './chains.ts';
import type { OpenedIndex, OpeningParts } from './types.ts';

/**
 * Opens an index from its image: the chains are followed from the image's snapshot, and the records of slots that
 * changed since are loaded again. The root of the tree and the signed head of the log must then be those of the
 * database. Null when anything does not fit; the index is then opened from its rows, which say what is wrong.
 */
export async function resumeFrom(image: Image, parts: OpeningParts): Promise<OpenedIndex | null> {
  try {
    return await resume(image, parts);
  } catch {
    return null;
  }
}

async function resume(
  image: Image,
  { database, head, settings, seed, kept, remote, graph }: OpeningParts,
): Promise<OpenedIndex | null> {
  const { snapshot, manifestHash, log, tree } = image;
  const chains = await followChains(database, head, settings, { snapshot, manifestHash, log });
  const { manifest } = chains;
  const { dimension, metric } = settings;
  const slots = changedSlots({ snapshot, size: tree.size }, { snapshot: manifest.sequence, size: manifest.tree.size }, database);
  if (slots === null) return null;
  const engine = createEngine({ dimension, metric, kept, remote, hnsw: graph, saved: image.engine, stale: slots });
  tree.setMany(slots.map((slot) => [slot, reload(slot, engine, database)] as const));
  const live = [...engine.namespaces().values()].reduce((sum, records) => sum + records, 0);
  const isSame = tree.size === manifest.tree.size && toHex(tree.root()) === manifest.tree.root && live === manifest.live;
  if (!isSame || !isLogSigned()) return null;
  const changes = slots.length;
  return { chains, tree, engine, free: freeSlots(engine, tree.size), image: { snapshot, changes } };

  function isLogSigned(): boolean {
    const note = database.get(metaKey('checkpoint'))?.toString() ?? '';
    const signed = openCheckpoint({ note, origin: logOrigin(settings.id), publicKey: ed25519PublicKey(seed) });
    return signed.size === log.size && equalBytes(signed.root, log.root());
  }
}

/** Loads the record of a slot again. Returns its leaf. */
function reload(slot: number, engine: SearchEngine, database: Database): Uint8Array {
  const bytes = database.get(recordKey(slot));
  if (bytes === undefined) {
    engine.remove(slot);
    return hashLeaf(tombstoneEntry());
  }
  const revision = decodeRevision(bytes, `the record in slot ${slot}`);
  const { namespace, vector, sparse, metadata, sell } = revision;
  engine.put({ slot, namespace, vector, sparse, searchText: searchText(revision), metadata, sell });
  return leafIn(bytes);
}

function freeSlots(engine: SearchEngine, size: number): number[] {
  const live = engine.matching(null, null);
  const free: number[] = [];
  let next = 0;
  for (const slot of live) {
    for (; next < slot; next += 1) free.push(next);
    next = slot + 1;
  }
  for (; next < size; next += 1) free.push(next);
  return free;
}
