import { MODE_PARTS, type Answer, type Manifest, type Request } from '@tributary/schemas';

/** Every word for something that a verified answer does not prove (docs/spec/bundle.md explains each). */
export const NOT_PROVEN = [
  'completeness',
  'author',
  'embedding',
  'vectorLength',
  'queryEmbedding',
  'corpusStatistics',
  'deletion',
  'mergedRank',
  'servedAt',
  'witnessed',
  'fresh',
] as const;
export type NotProven = (typeof NOT_PROVEN)[number];

/**
 * What is not proven even when every check passed. It follows from the question, the metric and the status, not from
 * the content of the answer: an empty answer depends on the same unproven inputs as a full one.
 *
 * @param known `dated`: the verifier dated the answer itself
 */
export function notProven(
  { request, answer }: { readonly request: Request; readonly answer: Answer },
  { manifest }: { readonly manifest: Manifest },
  known: { dated: boolean; witnessed: boolean; fresh: boolean },
): NotProven[] {
  const { dense, sparse, bm25 } = MODE_PARTS[request.mode];
  const vectors = dense || sparse;
  const open: Record<NotProven, boolean> = {
    completeness: true,
    author: true,
    embedding: vectors,
    vectorLength: vectors && manifest.metric !== 'cosine',
    queryEmbedding: dense && request.vector === null,
    corpusStatistics: bm25,
    deletion: answer.status === 'gone',
    mergedRank: false,
    servedAt: !known.dated,
    witnessed: !known.witnessed,
    fresh: !known.fresh,
  };
  return NOT_PROVEN.filter((word) => open[word]);
}

/**
 * What a list merged from several verified answers does not prove: everything that one of them does not prove, and the
 * order between results of different answers.
 */
export function mergedNotProven(answers: readonly { readonly notProven: readonly NotProven[] }[]): NotProven[] {
  const open = new Set(answers.flatMap((answer) => answer.notProven));
  if (answers.length > 1) open.add('mergedRank');
  return NOT_PROVEN.filter((word) => open.has(word));
}
