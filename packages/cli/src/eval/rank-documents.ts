import { readWholeAnswer } from '@tributary/proof';
import { rankingOf } from '@tributary/proof/ranking';
import { resultsMax, type QueryMode, type Request, type WholeAnswer } from '@tributary/schemas';
import { rowOfId, type Index } from '@tributary/store';

/** An index that is asked as by its owner, and the namespace of the questions. */
export interface Asked {
  readonly index: Pick<Index, 'info' | 'answer'>;
  readonly namespace?: string;
}

/** Documents for one question, best first, as a client without ranking options would get them. */
export interface RankedDocuments {
  readonly documents: readonly string[];
  /** Those that reach the bound of the question. */
  readonly aboveLine: readonly string[];
  readonly denseWeight: number | null;
  readonly minRelevance: number;
}

/** Up to `depth` documents. Asks for more chunks until there are enough documents or no more chunks. */
export async function rankDocuments(asked: Asked, mode: QueryMode, text: string, depth: number): Promise<RankedDocuments> {
  const ranking = usualRanking(asked, mode, text);
  for (let topK = 2 * depth; ; topK = Math.min(resultsMax, 4 * topK)) {
    const { results } = await ask(asked, mode, text, topK);
    const documents = documentsOf(results);
    if (documents.length < depth && results.length === topK && topK < resultsMax) continue;
    const above = results.filter(({ relevance }) => relevance >= ranking.minRelevance);
    return { documents: documents.slice(0, depth), aboveLine: documentsOf(above).slice(0, depth), ...ranking };
  }
}

/** The answer without a bound, so that one search shows the results with and without it. */
export async function ask(asked: Asked, mode: QueryMode, text: string, topK: number): Promise<WholeAnswer> {
  const parsed: Request = {
    v: 1,
    type: 'tributary/query',
    index: asked.index.info().id,
    namespace: asked.namespace ?? '',
    topK,
    mode,
    denseWeight: usualRanking(asked, mode, text).denseWeight,
    text,
    vector: null,
    model: null,
    filter: null,
    minRelevance: 0,
    minSequence: null,
  };
  const { body, records } = await asked.index.answer({ parsed }, { client: 'owner', topKMax: resultsMax });
  return readWholeAnswer({ response: body, records });
}

function usualRanking({ index }: Asked, mode: QueryMode, text: string) {
  const { id, languages = [] } = index.info().model;
  return rankingOf({ mode, text }, { modelId: id, languages: [...languages] });
}

/**
 * A record of a JSONL or CSV file is judged by its id in the file. A record that was not cut from a document is a
 * document itself.
 */
function documentsOf(results: WholeAnswer['results']): string[] {
  return [...new Set(results.map(({ shown: { id, source } }) => rowOfId(id.value) ?? source.value?.document ?? id.value))];
}
