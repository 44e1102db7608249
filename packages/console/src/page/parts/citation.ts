import type { VerifiedAnswer } from '@tributary/proof';
import { headings, placeIn } from './source-line.ts';
import { webAddress } from '../format.ts';

/** A passage as a text cites it: what, where, under which licence, and by what it can be checked. */
export function citationOf({ answer, offer, snapshot, writes }: VerifiedAnswer, at: number, receipt: string): string {
  const { source, licence, id } = answer.results[at]!.shown;
  const place = source.value;
  const address = webAddress(place?.uri ?? null);
  const named = place === null ? [`Record ${id.value}`] : [headings(place), `${place.document}, ${placeIn(place)}`];
  const parts = [
    ...named.filter((part) => part !== ''),
    `Index ${offer.index}, snapshot ${snapshot.manifest.sequence} of ${new Date(snapshot.manifest.time).toISOString()}`,
    `Licence: ${licence.value ?? 'none stated'}`,
    `Signed by ${writes[at]!.statement.signer}`,
    `Receipt ${receipt}`,
    ...(address === null ? [] : [address]),
  ];
  return `${parts.join('. ')}.`;
}
