import { sha256Parts, u32, u64, utf8 } from '@tributary/proof/primitives';
import { RelayError } from '../errors.ts';
import { inWords } from '../duration.ts';

/** Most records of an index that an owner allows to be seen; null: unlimited. */
export interface ExposureCaps {
  readonly exposurePerChannel: number | null;
  readonly exposurePerEpoch: number | null;
  readonly epochMs: number;
}

/** Who is about to see records, and of which index. */
export interface Viewer {
  readonly index: string;
  /**
   * Null for a free answer. Peer ids cost nothing, so all viewers of free answers are counted together in each epoch.
   */
  readonly channel: string | null;
  readonly caps: ExposureCaps;
}

/** Records about to be shown. */
export interface Exposure extends Viewer {
  readonly items: readonly { readonly slot: number; readonly version: number }[];
}

/** One fact to store: a record revision was seen by a group. */
export interface ExposureRow {
  readonly group: Uint8Array;
  readonly record: Uint8Array;
}

/** Stored exposure. A group is one channel's view of an index, or everybody's view in one epoch. */
export interface SeenRecords {
  has(row: ExposureRow): boolean;
  /** Number of rows in the group. */
  count(group: Uint8Array): number;
}

/** The rows to add for records that are shown, and the new counts of their groups. */
export interface Shown {
  readonly rows: readonly ExposureRow[];
  readonly counts: readonly { readonly group: Uint8Array; readonly count: number }[];
}

/** Room for records that may be shown. `release` gives it back; repeating it is allowed. */
export interface ExposureRoom {
  release(): void;
}

interface Bound {
  readonly group: Uint8Array;
  readonly cap: number;
  /** End of the epoch; null when the cap has no epoch. */
  readonly endsMs: number | null;
}

const CHANNEL = Buffer.from('c');
const EPOCH = Buffer.from('e');
const ID_BYTES = 16;
/** Kind, index, then channel or end of the epoch. */
const EPOCH_GROUP_BYTES = 1 + ID_BYTES + 8;
const CHANNEL_GROUP_BYTES = 1 + ID_BYTES + ID_BYTES;
const RECORD_BYTES = 4 + 8;

/** Room held by questions in progress, by group. It may be lost on restart, because nothing was shown yet. */
export interface ExposureHolds {
  /**
   * Takes room for the most records that a question may show, before the search starts. So a refusal says nothing about
   * what the index holds.
   *
   * @throws RelayError EXPOSURE_CAP, with the time until the next epoch if there is one
   */
  take(viewer: Viewer, most: number, nowMs: number, count: SeenRecords['count']): ExposureRoom;
}

export function createExposureHolds(): ExposureHolds {
  const holds = new Map<string, number>();
  const hold = (name: string, records: number): void => {
    const held = (holds.get(name) ?? 0) + records;
    if (held === 0) holds.delete(name);
    else holds.set(name, held);
  };
  return {
    take(viewer, most, nowMs, count) {
      const bounds = boundsOf(viewer, nowMs);
      for (const bound of bounds) {
        const left = bound.cap - count(bound.group) - (holds.get(nameOf(bound.group)) ?? 0);
        if (most > left) throw refusal(bound, Math.max(0, left), nowMs);
      }
      const names = bounds.map(({ group }) => nameOf(group));
      for (const name of names) hold(name, most);
      let open = true;
      return {
        release() {
          if (open) for (const name of names) hold(name, -most);
          open = false;
        },
      };
    },
  };
}

/**
 * The rows and counts to add for the records that are shown.
 *
 * @throws RelayError EXPOSURE_CAP when a cap was lowered meanwhile
 */
export function exposureRows(exposure: Exposure, nowMs: number, seen: SeenRecords): Shown {
  const rows: ExposureRow[] = [];
  const counts: { group: Uint8Array; count: number }[] = [];
  for (const bound of boundsOf(exposure, nowMs)) {
    const { group, cap } = bound;
    const fresh = exposure.items
      .map(({ slot, version }) => ({ group, record: Buffer.concat([u32(slot), u64(version)]) }))
      .filter((row) => !seen.has(row));
    if (fresh.length === 0) continue;
    const count = seen.count(group) + fresh.length;
    if (count > cap) throw refusal(bound, 0, nowMs);
    rows.push(...fresh);
    counts.push({ group, count });
  }
  return { rows, counts };
}

/** Group and record of a stored key without its kind; null when the key has another length. */
export function splitExposureKey(key: Uint8Array): ExposureRow | null {
  const bytes = key[0] === EPOCH[0] ? EPOCH_GROUP_BYTES : CHANNEL_GROUP_BYTES;
  return key.length === bytes + RECORD_BYTES ? { group: key.subarray(0, bytes), record: key.subarray(bytes) } : null;
}

/** True for a group of an epoch that is over. */
export function isPastEpoch(group: Uint8Array, nowMs: number): boolean {
  if (group[0] !== EPOCH[0]) return false;
  const bytes = Buffer.from(group);
  return Number(bytes.readBigUInt64BE(1 + ID_BYTES)) <= nowMs;
}

function boundsOf({ index, channel, caps }: Viewer, nowMs: number): Bound[] {
  const { exposurePerChannel, exposurePerEpoch, epochMs } = caps;
  const endsMs = (Math.floor(nowMs / epochMs) + 1) * epochMs;
  const epoch = (cap: number): Bound => ({ group: Buffer.concat([EPOCH, shortId('index', index), u64(endsMs)]), cap, endsMs });
  const bounds: Bound[] = [];
  if (channel === null) {
    const least = Math.min(exposurePerChannel ?? Infinity, exposurePerEpoch ?? Infinity);
    if (least !== Infinity) bounds.push(epoch(least));
    return bounds;
  }
  if (exposurePerChannel !== null) {
    const group = Buffer.concat([CHANNEL, shortId('index', index), shortId('subject', channel)]);
    bounds.push({ group, cap: exposurePerChannel, endsMs: null });
  }
  if (exposurePerEpoch !== null) bounds.push(epoch(exposurePerEpoch));
  return bounds;
}

function refusal({ cap, endsMs }: Bound, left: number, nowMs: number): RelayError {
  const whom = endsMs === null ? 'one channel see' : 'all askers together see in one epoch';
  const rest = left === 0 ? 'none is left' : `${left} ${left === 1 ? 'is' : 'are'} left: ask for at most ${left} results`;
  const when = endsMs === null ? '' : `; the next epoch begins in ${inWords(endsMs - nowMs)}`;
  const message = `the owner lets ${whom} ${cap} results of this index; ${rest}${when}`;
  return new RelayError('EXPOSURE_CAP', message, { retryAfterMs: endsMs === null ? null : endsMs - nowMs });
}

const shortId = (what: string, name: string): Uint8Array =>
  sha256Parts(utf8(`tributary/exposure-${what}/v1\n`), utf8(name)).subarray(0, ID_BYTES);
const nameOf = (group: Uint8Array): string => Buffer.from(group).toString('hex');
