import { fromBase64url, fromHex, u64, utf8 } from '@tributary/proof/primitives';

// Every key of a ledger's database (docs/spec/ledger.md). The first byte is the kind. Numbers are big-endian, so that
// they sort.

const key = (kind: string, ...parts: Uint8Array[]): Buffer => Buffer.concat([Buffer.from(kind, 'latin1'), ...parts]);

const kindRange = (kind: string): { gte: Buffer; lt: Buffer } => {
  const gte = Buffer.from(kind, 'latin1');
  const lt = Buffer.from(gte);
  lt[lt.length - 1]! += 1;
  return { gte, lt };
};

export const entryKey = (entry: number): Buffer => key('e', u64(entry));
export const journalKey = (channel: string, ticket: string): Buffer => key('j', fromHex(channel), fromBase64url(ticket));
/** Last receipt of a channel. */
export const receiptKey = (channel: string): Buffer => key('r', fromHex(channel));
export const offerKey = (hash: string): Buffer => key('o', fromHex(hash));
export const offerRange = kindRange('o');
export const prunedKey = (): Buffer => key('m', utf8('pruned'));
export const exposureKey = (group: Uint8Array, record: Uint8Array): Buffer => key('x', group, record);
export const exposureRange = kindRange('x');
/** Number of rows of seen records in a group. */
export const exposureCountKey = (group: Uint8Array): Buffer => key('y', group);
/** Exposure by epoch only; the first byte of a group says so (`exposure.ts`). */
export const exposureEpochRange = kindRange('xe');

export const numberInKey = (bytes: Buffer): number => Number(bytes.readBigUInt64BE(1));
