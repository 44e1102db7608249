import type { Permission } from '@tributary/schemas';
import type { Access } from '../../gateway/access.ts';
import type { GatewayRoute } from '../../gateway/types.ts';
import { keptOf } from '../control/kept.ts';
import { searchOwn } from '../data/query.ts';
import type { Places } from '../place.ts';
import { row } from '../row.ts';
import { searchEndpoint } from './search.ts';
import { refuseClassic, upsertRecords, upsertRecordsEndpoint } from './upsert.ts';

/** Records whose text the node embeds, and questions as text. */
export function recordRoutes(
  { own, others, isOther, index }: Places,
  may: (permission: Permission) => Access,
  countTokens: (text: string) => number,
): GatewayRoute[] {
  const records = '/i/:index/records/namespaces/:namespace';
  return [
    row(['POST', `${records}/upsert`], may('write'), upsertRecordsEndpoint, (asked, caller) =>
      upsertRecords(index(asked.index, caller), asked),
    ),
    row(['POST', `${records}/search`], may('read'), searchEndpoint(countTokens), (asked, caller, reply) => {
      if (isOther(asked.index, caller)) return others.query(asked, caller, reply);
      if ('text' in asked.to && keptOf(own.index(asked.index).info()).field === null) refuseClassic();
      return searchOwn(own, asked);
    }),
  ];
}
