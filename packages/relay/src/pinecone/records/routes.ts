import type { Permission } from '@tributary/schemas';
import type { Access } from '../../gateway/access.ts';
import type { InFlight } from '../../gateway/in-flight.ts';
import type { GatewayRoute } from '../../gateway/types.ts';
import { searchOwn } from '../data/query.ts';
import type { OwnReranker } from '../inference/rerank.ts';
import type { Places } from '../place.ts';
import { row } from '../row.ts';
import { rerankHits, searchEndpoint } from './search.ts';
import { embeddedField, upsertRecords, upsertRecordsEndpoint } from './upsert.ts';

export interface RecordParts {
  places: Places;
  may(permission: Permission): Access;
  countTokens(text: string): number;
  reranker: OwnReranker | null;
  inFlight: InFlight;
}

/** Records whose text the node embeds, and questions as text. */
export function recordRoutes({ places, may, countTokens, reranker, inFlight }: RecordParts): GatewayRoute[] {
  const { own, others, isOther, index } = places;
  const records = '/i/:index/records/namespaces/:namespace';
  return [
    row(['POST', `${records}/upsert`], may('write'), upsertRecordsEndpoint, (asked, caller) =>
      upsertRecords(index(asked.index, caller), asked),
    ),
    row(['POST', `${records}/search`], may('read'), searchEndpoint(countTokens, reranker), async (asked, caller, reply) => {
      const other = isOther(asked.index, caller);
      if (!other && 'text' in asked.to) embeddedField(own.index(asked.index).info());
      const answer = other ? await others.query(asked, caller, reply) : await searchOwn(own, asked);
      const { ranking } = asked;
      if (ranking === null) return answer;
      return inFlight.run(reply, (signal) => rerankHits(reranker!, answer, ranking, signal));
    }),
  ];
}
