import { vectorFromBase64url } from '@tributary/proof/primitives';
import { denseScorer } from '@tributary/proof/ranking';
import type { Index } from '@tributary/store';
import { ask, type Asked } from './rank-documents.ts';

const NEAREST = 10;

interface Compared extends Asked {
  readonly index: Pick<Index, 'info' | 'answer' | 'list' | 'fetch'>;
  readonly signal?: AbortSignal;
}

/** Mean share of the exact nearest records that dense search returns. Records as near as the last of them count too. */
export async function compareWithExact(
  options: Compared,
  texts: readonly string[],
  onDone: (done: number) => void,
): Promise<number> {
  const vectors = await fetchVectors(options);
  const { metric } = options.index.info();
  const wanted = Math.min(NEAREST, vectors.length);
  let found = 0;
  for (const [at, text] of texts.entries()) {
    options.signal?.throwIfAborted();
    const { results, queryVector } = await ask(options, 'dense', text, NEAREST);
    const score = denseScorer(metric, vectorFromBase64url(queryVector!));
    const scores = Float64Array.from(vectors, score).toSorted();
    const isNearest =
      metric === 'euclidean'
        ? (dense: number) => dense <= scores[wanted - 1]!
        : (dense: number) => dense >= scores[scores.length - wanted]!;
    found += results.filter(({ dense }) => isNearest(dense!)).length;
    onDone(at + 1);
  }
  return found / (wanted * texts.length);
}

async function fetchVectors({ index, namespace = '' }: Compared): Promise<Float32Array[]> {
  const vectors: Float32Array[] = [];
  for (let after: string | undefined; ;) {
    const page = await index.list({ namespace, limit: 100, ...(after === undefined ? {} : { after }) });
    vectors.push(...(await index.fetch(page.ids, namespace)).map(({ vector }) => vector));
    if (page.next === null) return vectors;
    after = page.next;
  }
}
