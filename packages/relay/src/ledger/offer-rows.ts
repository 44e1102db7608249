import { fromUtf8, toHex, utf8 } from '@tributary/proof/primitives';
import { parseStrict, signedOffer, statementBytesMax, type SignedOffer } from '@tributary/schemas';
import type { LedgerDatabase } from './disk.ts';
import { offerKey, offerRange } from './keys.ts';
import { putRow, type Draft } from './state.ts';

export interface OfferRow {
  readonly hash: string;
  readonly signed: SignedOffer;
}

/** Reads the stored offers, so that an offer made before a restart is honoured until it expires. */
export async function readOffers(database: LedgerDatabase): Promise<OfferRow[]> {
  const rows: OfferRow[] = [];
  for await (const [key, value] of database.scan(offerRange)) {
    // Twice the limit of the body, because its quotes are escaped.
    rows.push({
      hash: toHex(key.subarray(1)),
      signed: parseStrict(signedOffer, fromUtf8(value), 'kept offer', 2 * statementBytesMax),
    });
  }
  return rows;
}

export function putOffer(draft: Draft, hash: string, { body, signature }: SignedOffer): void {
  putRow(draft, offerKey(hash), utf8(JSON.stringify({ body, signature })));
}

export function forgetOffer(draft: Draft, hash: string): void {
  draft.operations.push({ key: offerKey(hash), value: null });
}
