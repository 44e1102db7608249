import type { VerifiedAnswer } from '@tributary/proof';
import type { GatewayResult, Source } from '@tributary/schemas';
import type { QueryResult, Verified } from './types.ts';

/** Joins verified answers into one list, best relevance first; answers of one index keep the order that was proven. */
export function merge(verified: Verified[], topK: number): QueryResult {
  const lists = verified.map(({ answer }) => toResults(answer));
  const results = lists.length === 1 ? lists[0]! : interleave(lists).slice(0, topK);
  return {
    results: results.map((result, at) => ({ ...result, rank: at + 1 })),
    mode: verified[0]!.prepared.request.mode,
    answers: verified.map(({ prepared, answered, answer, bundle }) => ({
      index: prepared.known.offer.index,
      snapshot: { sequence: answer.snapshot.manifest.sequence, at: new Date(answer.snapshot.manifest.time).toISOString() },
      usage: { charge: answered.receipt.charge, unit: prepared.known.offer.unit, receipt: answer.receiptHash },
      couldLose: String(answered.payment?.couldLose ?? 0n),
      bundle,
    })),
    notProven: [...new Set(verified.flatMap(({ answer }) => answer.notProven))].toSorted(),
  };
}

/** Repeatedly takes the list whose next result is the most relevant; ties go to the earlier list. */
function interleave(lists: GatewayResult[][]): GatewayResult[] {
  const at = lists.map(() => 0);
  const merged: GatewayResult[] = [];
  for (;;) {
    let best = -1;
    for (let list = 0; list < lists.length; list++) {
      const next = lists[list]![at[list]!];
      if (next && (best < 0 || next.relevance > lists[best]![at[best]!]!.relevance)) best = list;
    }
    if (best < 0) return merged;
    merged.push(lists[best]![at[best]!++]!);
  }
}

/** A verified answer as the list of results that a caller reads. */
export function toResults({ answer, writes, offer, identity }: VerifiedAnswer): GatewayResult[] {
  return answer.results.map((item, at) => {
    const { shown } = item;
    const { signer, custody, author } = writes[at]!.statement;
    return {
      rank: at + 1,
      id: shown.id.value,
      score: item.score,
      components: { dense: item.dense, bm25: item.bm25 },
      relevance: item.relevance,
      text: shown.text.value,
      metadata: Object.fromEntries(Object.entries(shown.metadata).map(([key, field]) => [key, field.value])),
      namespace: shown.namespace.value,
      index: offer.index,
      provider: identity.did,
      signer,
      custody,
      author,
      licence: shown.licence.value,
      source: shown.source.value && withoutEmptyPages(shown.source.value),
      verified: true,
    };
  });
}

function withoutEmptyPages({ page, pageEnd, ...source }: Source): NonNullable<GatewayResult['source']> {
  return { ...source, ...(page === null ? {} : { page }), ...(pageEnd === null ? {} : { pageEnd }) };
}
