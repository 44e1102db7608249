import type { GatewayResult } from '@tributary/schemas';
import type { QueryResult, Verified } from './types.ts';

/** Joins verified answers into one list, best relevance first; answers of one index keep the order that was proven. */
export function merge(verified: Verified[], topK: number): QueryResult {
  const lists = verified.map(resultsOf);
  const results = lists.length === 1 ? lists[0]! : interleave(lists).slice(0, topK);
  return {
    results: results.map((result, at) => ({ ...result, rank: at + 1 })),
    mode: verified[0]!.prepared.request.mode,
    answers: verified.map(({ prepared, answered, answer, bundle }) => ({
      index: prepared.known.offer.index,
      snapshot: { sequence: answer.manifest.sequence, at: new Date(answer.manifest.time).toISOString() },
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

function resultsOf({ prepared, answer }: Verified): GatewayResult[] {
  return answer.results.map((item, at) => {
    const write = answer.writes.get(item.write)!;
    const source = item.shown.source.value;
    return {
      rank: at + 1,
      id: item.shown.id.value,
      score: item.score,
      components: { dense: item.dense, bm25: item.bm25 },
      relevance: item.relevance,
      text: item.shown.text.value,
      metadata: Object.fromEntries(Object.entries(item.shown.metadata).map(([key, shown]) => [key, shown.value])),
      namespace: item.shown.namespace.value,
      index: prepared.known.offer.index,
      provider: prepared.known.identity.did,
      signer: write.signer,
      custody: write.custody,
      author: write.author,
      licence: item.shown.licence.value,
      source: source && withoutEmptyPages(source),
      verified: true,
    };
  });
}

function withoutEmptyPages({ page, pageEnd, ...source }: { page: number | null; pageEnd: number | null } & Omit<NonNullable<GatewayResult['source']>, 'page' | 'pageEnd'>) {
  return { ...source, ...(page === null ? {} : { page }), ...(pageEnd === null ? {} : { pageEnd }) };
}
