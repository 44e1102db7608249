import { mergedNotProven, type VerifiedAnswer } from '@tributary/proof';
import type { GatewayResult, MetadataValue, Source } from '@tributary/schemas';
import type { QueryResult, Verified } from './types.ts';

/** What a merged list needs of a verified answer. */
export interface Mergeable extends Pick<Verified, 'answer' | 'bundle'> {
  prepared: {
    request: Pick<Verified['prepared']['request'], 'mode' | 'sparse' | 'denseWeight'>;
    known: { offer: Pick<Verified['prepared']['known']['offer'], 'index' | 'unit'> };
  };
  answered: { receipt: Pick<Verified['answered']['receipt'], 'charge'>; payment: { couldLose: bigint } | null };
}

/**
 * Joins verified answers into one list. Results of one index keep their proven order. Relevances on one scale are
 * compared, best first. If the scales differ, the first result of each index comes before the second of any.
 */
export function merge(verified: readonly Mergeable[], topK: number): Omit<QueryResult, 'failed'> {
  const lists = verified.map(({ answer }) => toResults(answer));
  const alike = new Set(verified.map(scaleOf)).size === 1;
  const results = lists.length === 1 ? lists[0]! : interleave(lists, alike ? byRelevance : byRank).slice(0, topK);
  return {
    results: lists.length === 1 ? results : results.map((result, at) => ({ ...result, rank: at + 1 })),
    mode: verified[0]!.prepared.request.mode,
    answers: verified.map(({ prepared, answered, answer, bundle }) => ({
      index: prepared.known.offer.index,
      snapshot: { sequence: answer.snapshot.manifest.sequence, at: new Date(answer.snapshot.manifest.time).toISOString() },
      usage: { charge: answered.receipt.charge, unit: prepared.known.offer.unit, receipt: answer.receiptHash },
      couldLose: String(answered.payment?.couldLose ?? 0n),
      bundle,
    })),
    usage: {
      charge: String(verified.reduce((sum, { answered }) => sum + BigInt(answered.receipt.charge), 0n)),
      unit: verified[0]!.prepared.known.offer.unit,
    },
    ...pinsOf(verified),
    notProven: mergedNotProven(verified.map(({ answer }) => answer)),
  };
}

function pinsOf(verified: readonly Mergeable[]): Pick<QueryResult, 'pinned' | 'unpinned'> {
  const unpinned = [
    ...new Map(verified.flatMap(({ answer }) => answer.unpinned.map((one) => [one.code + one.key, one]))).values(),
  ];
  return { pinned: unpinned.length === 0, unpinned };
}

/**
 * The scale of an answer's relevances. Scales with the same name are comparable: relevance of BM25 is a share of the
 * possible maximum; others depend on metric and model. Dot products of sparse vectors have no common scale: clipped to
 * 0…1, most would be 1.
 */
function scaleOf({ prepared: { request }, answer: { snapshot } }: Mergeable): string {
  const { metric, model } = snapshot.manifest;
  if (request.sparse !== undefined) return snapshot.manifest.index;
  return request.mode === 'bm25' ? 'bm25' : [request.mode, metric, model, request.denseWeight].join(' ');
}

type Before = (one: GatewayResult, other: GatewayResult) => boolean;
const byRelevance: Before = (one, other) => one.relevance > other.relevance;
const byRank: Before = (one, other) => one.rank < other.rank;

/** Repeatedly takes from the list whose next result comes first. Ties go to the earlier list. */
function interleave(lists: GatewayResult[][], before: Before): GatewayResult[] {
  const at = lists.map(() => 0);
  const merged: GatewayResult[] = [];
  for (;;) {
    let best = -1;
    for (let list = 0; list < lists.length; list++) {
      const next = lists[list]![at[list]!];
      if (next && (best < 0 || before(next, lists[best]![at[best]!]!))) best = list;
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
      components: {
        dense: item.dense,
        bm25: item.bm25,
        ...(item.sparse === undefined ? {} : { sparse: item.sparse }),
      },
      relevance: item.relevance,
      text: shown.text.value,
      metadata: Object.fromEntries(Object.entries(shown.metadata).map(([key, field]) => [key, ownCopy(field.value)])),
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

/** The caller's own: what a verifier remembers is frozen. */
const ownCopy = (value: MetadataValue): MetadataValue => (Array.isArray(value) ? [...value] : value);

function withoutEmptyPages({ page, pageEnd, ...source }: Source): NonNullable<GatewayResult['source']> {
  return { ...source, ...(page === null ? {} : { page }), ...(pageEnd === null ? {} : { pageEnd }) };
}
