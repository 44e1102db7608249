import type { Offer, QueryMode } from '@tributary/schemas';
import { queryTerms } from '../score/terms.ts';
import { knowsLanguage } from './knows-language.ts';

/** How the question ranks and cuts its results. The receipt covers both. */
interface Ranking {
  readonly denseWeight: number | null;
  readonly minRelevance: number;
}

/** Weight of the dense part when the model knows the question's language (docs/decisions/0027). */
const KNOWN_LANGUAGE_WEIGHT = 0.6;
/** Weight when it does not: BM25 decides, and the vectors order results with equal BM25. */
const UNKNOWN_LANGUAGE_WEIGHT = 0.02;
/** Distinct terms up to which a question is short. Good results are less close to a short question. */
const SHORT_TERMS_MAX = 3;
/**
 * Relevance bounds for short questions and others, by the model's id (docs/decisions/0028). In bm25 mode no bound
 * separated good from bad.
 */
const MEASURED: Readonly<Record<string, Readonly<Partial<Record<QueryMode, { short: number; other: number }>>>>> = {
  'BAAI/bge-small-en-v1.5': {
    dense: { short: 0.56, other: 0.59 },
    hybrid: { short: 0.4, other: 0.42 },
    bm25: { short: 0, other: 0 },
  },
};

/**
 * Default weight and relevance bound for a question to a model. The dense part of a hybrid score weighs little in a
 * language that the model does not know. Below the relevance bound a text question prefers no answer to paying for
 * noise. The bound exists only for what was measured: the model, its languages, and the usual weight.
 *
 * @param asked `text` is null where the question is a vector alone
 */
export function rankingOf(
  asked: { mode: QueryMode; text: string | null; denseWeight?: number | undefined },
  { modelId, languages }: Pick<Offer['card'], 'modelId' | 'languages'>,
): Ranking {
  const { mode, text } = asked;
  const isKnown = text === null || languages.length === 0 || knowsLanguage(text, languages);
  const usual = mode !== 'hybrid' ? null : isKnown ? KNOWN_LANGUAGE_WEIGHT : UNKNOWN_LANGUAGE_WEIGHT;
  const denseWeight = asked.denseWeight ?? usual;
  const isMeasured = isKnown && denseWeight === usual && Object.hasOwn(MEASURED, modelId);
  const line = isMeasured ? MEASURED[modelId]![mode] : undefined;
  return { denseWeight, minRelevance: text !== null && line !== undefined ? lineOf(line, text) : 0 };
}

function lineOf({ short, other }: { short: number; other: number }, text: string): number {
  return queryTerms(text).size <= SHORT_TERMS_MAX ? short : other;
}
