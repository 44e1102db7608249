import { fromHex, sha256Parts, u32, u64, utf8 } from '@tributary/proof';
import { RelayError } from '../errors.ts';

/** What an owner allows to be seen of an index; null: no bound. */
export interface ExposureCaps {
  readonly exposurePerChannel: number | null;
  readonly exposurePerEpoch: number | null;
  readonly epochMs: number;
}

/** Records about to be shown. `subject` is the channel id, or the peer id for a free answer. */
export interface Exposure {
  readonly index: string;
  readonly subject: string;
  readonly items: readonly { readonly slot: number; readonly version: number }[];
  readonly caps: ExposureCaps;
}

/** One fact to store: a record revision was seen within a group. */
export interface ExposureRow {
  readonly group: Uint8Array;
  readonly record: Uint8Array;
}

/** Distinct record revisions seen, by group. A group is one subject's view of an index, or everybody's in one epoch. */
export interface ExposureCounts {
  /** Counts a stored row again. */
  load(group: Uint8Array): void;
  /**
   * The rows that showing these records adds.
   *
   * @param seen whether a row is stored already
   * @throws RelayError EXPOSURE_CAP when they would exceed a cap; nothing is counted then
   */
  check(exposure: Exposure, nowMs: number, seen: (row: ExposureRow) => boolean): ExposureRow[];
  count(rows: readonly ExposureRow[]): void;
}

const SUBJECT = Buffer.from('c');
const EPOCH = Buffer.from('e');
const ID_BYTES = 16;
/** Kind, index, then subject or end of the epoch. */
const EPOCH_GROUP_BYTES = 1 + ID_BYTES + 8;
const SUBJECT_GROUP_BYTES = 1 + ID_BYTES + ID_BYTES;
const RECORD_BYTES = 4 + 8;

export function createExposureCounts(): ExposureCounts {
  const counts = new Map<string, number>();
  const countOf = (group: Uint8Array): number => counts.get(nameOf(group)) ?? 0;
  const add = (group: Uint8Array): void => {
    counts.set(nameOf(group), countOf(group) + 1);
  };
  return {
    load: add,
    check(exposure, nowMs, seen) {
      const { caps } = exposure;
      const rows: ExposureRow[] = [];
      if (caps.exposurePerChannel !== null) {
        const fresh = unseen(subjectGroup(exposure), exposure, seen);
        within(
          countOf,
          fresh,
          caps.exposurePerChannel,
          'you have seen as many passages of this index as its owner allows one channel',
        );
        rows.push(...fresh);
      }
      if (caps.exposurePerEpoch !== null) {
        const group = epochGroup(exposure, nowMs);
        if (countOf(group) === 0) forgetPast(counts, nowMs);
        const fresh = unseen(group, exposure, seen);
        within(countOf, fresh, caps.exposurePerEpoch, 'the passages of this index that its owner sells in one epoch are used up');
        rows.push(...fresh);
      }
      return rows;
    },
    count(rows) {
      for (const { group } of rows) add(group);
    },
  };
}

/** Group and record of a stored key without its kind; null when it has another length. */
export function splitExposureKey(key: Uint8Array): ExposureRow | null {
  const bytes = key[0] === EPOCH[0] ? EPOCH_GROUP_BYTES : SUBJECT_GROUP_BYTES;
  return key.length === bytes + RECORD_BYTES ? { group: key.subarray(0, bytes), record: key.subarray(bytes) } : null;
}

/** True for a group of an epoch that is over. */
export function isPastEpoch(group: Uint8Array, nowMs: number): boolean {
  if (group[0] !== EPOCH[0]) return false;
  const bytes = Buffer.from(group);
  return Number(bytes.readBigUInt64BE(1 + ID_BYTES)) <= nowMs;
}

function unseen(group: Uint8Array, { items }: Exposure, seen: (row: ExposureRow) => boolean): ExposureRow[] {
  return items
    .map(({ slot, version }) => ({ group, record: Buffer.concat([u32(slot), u64(version)]) }))
    .filter((row) => !seen(row));
}

function within(countOf: (group: Uint8Array) => number, fresh: readonly ExposureRow[], cap: number, message: string): void {
  const [first] = fresh;
  if (first !== undefined && countOf(first.group) + fresh.length > cap)
    throw new RelayError('EXPOSURE_CAP', `${message} (${cap})`);
}

function subjectGroup({ index, subject }: Exposure): Uint8Array {
  return Buffer.concat([SUBJECT, shortId('index', index), shortId('subject', subject)]);
}

function epochGroup({ index, caps }: Exposure, nowMs: number): Uint8Array {
  const end = (Math.floor(nowMs / caps.epochMs) + 1) * caps.epochMs;
  return Buffer.concat([EPOCH, shortId('index', index), u64(end)]);
}

function forgetPast(counts: Map<string, number>, nowMs: number): void {
  for (const name of counts.keys()) if (name.startsWith('65') && isPastEpoch(fromHex(name), nowMs)) counts.delete(name);
}

const shortId = (what: string, name: string): Uint8Array =>
  sha256Parts(utf8(`tributary/exposure-${what}/v1\n`), utf8(name)).subarray(0, ID_BYTES);
const nameOf = (group: Uint8Array): string => Buffer.from(group).toString('hex');
