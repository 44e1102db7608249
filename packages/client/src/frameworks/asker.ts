import type { GatewayResult } from '@tributary/schemas';
import type { Question } from '../query/types.ts';

/**
 * What a framework asks: `openHttpClient(…)`, `openClient(…)`, or `openHttpClient(…).index(NAME)`, a node's own index.
 */
export interface Asker {
  query(question: Omit<Question, 'minSequence'>, options?: { signal?: AbortSignal }): Promise<Outcome>;
}

/** What all their answers have, and what some of them add. */
interface Outcome {
  results: GatewayResult[];
  notProven?: string[];
  /** Of `openHttpClient`. */
  answer?: { receiptHash: string; notProven: readonly string[] };
  /** Of `openClient`: one for each index that answered. */
  answers?: { index: string; usage: { receipt: string | null } }[];
}

/** What is asked with each question. */
export interface AskOptions extends Pick<
  Question,
  'index' | 'namespace' | 'filter' | 'mode' | 'denseWeight' | 'minRelevance' | 'maxCharge'
> {
  /** Most results. */
  k?: number;
}

/** Asks for passages about a text. */
export async function passages(
  asker: Asker,
  text: string,
  { k, ...asked }: AskOptions,
  signal?: AbortSignal,
): Promise<Passage[]> {
  const question = { text, ...asked, ...(k === undefined ? {} : { topK: k }) };
  return passagesOf(await asker.query(question, signal === undefined ? {} : { signal }));
}

export interface Passage {
  result: GatewayResult;
  provenance: Provenance;
}

export const passagesOf = (outcome: Outcome): Passage[] =>
  outcome.results.map((result) => ({ result, provenance: provenanceOf(result, outcome) }));

/** Where a passage comes from, and what stands for it. */
export interface Provenance extends Pick<
  GatewayResult,
  'index' | 'provider' | 'signer' | 'custody' | 'author' | 'licence' | 'source' | 'relevance' | 'verified'
> {
  /** Hash of the receipt; null for an index of the node's own, which sells nothing to itself. */
  receipt: string | null;
  notProven: readonly string[];
}

function provenanceOf(result: GatewayResult, outcome: Omit<Outcome, 'results'>): Provenance {
  const { index, provider, signer, custody, author, licence, source, relevance, verified } = result;
  const part = outcome.answers?.find((one) => one.index === index);
  return {
    index,
    provider,
    signer,
    custody,
    author,
    licence,
    source,
    relevance,
    verified,
    receipt: outcome.answer?.receiptHash ?? part?.usage.receipt ?? null,
    notProven: outcome.notProven ?? outcome.answer?.notProven ?? [],
  };
}
