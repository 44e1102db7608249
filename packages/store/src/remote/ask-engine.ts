import { crc32 } from 'node:zlib';
import { StoreError } from '../errors.ts';
import { engineFilterSlotsMax } from '../limits.ts';
import { hasBit, listBits } from '../slots/bitmap.ts';
import { vectorBlock, vectorOffset, type VectorStore } from '../vectors/vector-store.ts';
import type { Asked, Walk, Within } from '../vectors/types.ts';
import type { RemoteRow, RemoteSide } from './types.ts';

/** A search on an engine. */
export interface RemoteSearch {
  readonly side: RemoteSide;
  readonly store: VectorStore;
  readonly query: Float32Array;
  readonly walk: Walk;
  readonly within: () => Within;
  /** Vectors that may be compared here instead. */
  readonly scanMax: number;
}

/** As in the graph: more are asked for than a filter is expected to leave. */
const FILTER_RESERVE = 1.5;

/**
 * Asks the engine until there are enough candidates for exact scoring, or it has no more. Null when comparing every
 * vector here is the better answer: the engine is down or far behind, and the scope is small.
 *
 * @throws StoreError ENGINE_UNREACHABLE, ENGINE_REFUSED, ENGINE_BEHIND, STORE_CLOSED
 */
export async function askEngine(search: RemoteSearch): Promise<Asked | null> {
  try {
    const waiting = await usable(search);
    return { slots: await enough(search, waiting), waiting };
  } catch (error) {
    if (search.side.state.is === 'closed') throw closed();
    if (search.side.state.is === 'ready') search.side.onTrouble();
    if (search.within().count <= search.scanMax) return null;
    throw error;
  }
}

/** The slots that the engine lacks now. */
async function usable({ side, scanMax }: RemoteSearch): Promise<Uint32Array> {
  if (side.state.is === 'opening') await side.known();
  const { state, waiting } = side;
  if (state.is === 'down') throw state.why;
  if (waiting.count() > scanMax)
    throw new StoreError(
      'ENGINE_BEHIND',
      `the engine lacks ${waiting.count()} records, more than ${scanMax}; it is being filled: ask again later`,
    );
  return waiting.list();
}

async function enough(search: RemoteSearch, waiting: Uint32Array): Promise<Uint32Array> {
  const { side, store, query, walk, within } = search;
  const { namespace, slots, count, records } = within();
  const named = slots !== null && count < records && count <= engineFilterSlotsMax ? listOf(slots, count) : null;
  const drops = named === null && count < records ? (FILTER_RESERVE * walk.count * records) / count : 0;
  let limit = Math.min(Math.max(walk.candidates, Math.ceil(drops)), store.capacity);
  for (let isExact = false; ;) {
    const rows = await side.engine.nearest({ vector: query, namespace, slots: named, limit, width: walk.width, isExact });
    if (side.state.is === 'closed') throw closed();
    const found = checked(search, rows.slice(0, limit));
    if (rows.length > limit) side.faults.unknown += rows.length - limit;
    const scope = within();
    const missing = Math.min(walk.count, scope.count) - inScope(search, scope, found, waiting);
    if (missing <= 0) return found;
    if (rows.length >= limit && limit < store.capacity) limit = Math.min(4 * limit, store.capacity);
    else if (!isExact) isExact = true;
    else {
      side.faults.short += 1;
      return found;
    }
  }
}

/** The rows that are slots with a vector, each once. The others are counted, and written again. */
function checked({ side, store }: RemoteSearch, rows: readonly RemoteRow[]): Uint32Array {
  const found = new Set<number>();
  let repairs = 0;
  for (const { slot, version } of rows) {
    const isSlot = Number.isInteger(slot) && slot >= 0 && slot < store.capacity;
    const isLive = isSlot && hasBit(store.live, slot);
    if (isLive && !found.has(slot)) found.add(slot);
    else if (!isSlot || !side.waiting.has(slot)) side.faults.unknown += 1;
    if (!isSlot || side.waiting.has(slot) || (isLive && version === versionIn(store, slot))) continue;
    if (isLive) side.faults.stale += 1;
    side.waiting.add(slot);
    repairs += 1;
  }
  if (repairs > 0) side.onTrouble();
  return Uint32Array.from(found);
}

function inScope({ store }: RemoteSearch, { slots }: Within, found: Uint32Array, waiting: Uint32Array): number {
  let count = 0;
  for (const slot of new Set([...found, ...waiting]))
    if (hasBit(store.live, slot) && (slots === null || hasBit(slots, slot))) count += 1;
  return count;
}

function listOf(slots: NonNullable<Within['slots']>, count: number): Uint32Array {
  const list = new Uint32Array(count);
  listBits(slots, list);
  return list;
}

/** Tells vectors of one slot apart. */
export const versionOf = ({ buffer, byteOffset, byteLength }: Float32Array): number =>
  crc32(new Uint8Array(buffer, byteOffset, byteLength));

function versionIn(store: VectorStore, slot: number): number {
  const known = store.kept?.checksums[slot];
  if (known !== undefined) return known;
  const from = vectorOffset(store, slot);
  return versionOf(vectorBlock(store, slot).subarray(from, from + store.dimension));
}

const closed = (): StoreError => new StoreError('STORE_CLOSED', 'the index was closed or opened anew meanwhile; ask again');
