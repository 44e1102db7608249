import { queryTextBytesMax, TributaryError, type SparseVector } from '@tributary/schemas';
import type { IndexInfo } from '@tributary/store';
import { z } from 'zod';
import { answerHeaders, filterShape, topKShape, toScore, type Answer, type AskedNearest } from '../data/query.ts';
import { checkAsked, sparseShape, toSparseValues, toVector, valuesShape } from '../data/vector.ts';
import { optional, readBody, unsupported } from '../parts.ts';
import type { Endpoint } from '../row.ts';
import { shownOf, toFields, type FieldNames, type Shown } from './fields.ts';
import { placeOf } from './read.ts';

const clause = z.strictObject({
  type: z.string().max(64),
  fields: optional(z.array(z.string().max(512)).max(100)),
  field: optional(z.string().max(512)),
  query: optional(z.string()),
  values: optional(valuesShape),
  sparse_values: optional(sparseShape),
});
type Clause = z.output<typeof clause>;

const body = z.strictObject({
  score_by: z.array(clause).min(1, 'give one way to score'),
  top_k: topKShape,
  include_fields: optional(z.array(z.string().max(512)).max(1_000)),
  filter: filterShape,
});

/** What documents are compared with, in which field. */
type ScoreBy =
  | { kind: 'dense'; field: string; to: { vector: Float32Array } }
  | { kind: 'sparse'; field: string; to: { sparse: SparseVector } }
  | { kind: 'text'; field: string; to: { words: string } };

export interface AskedSearch extends Omit<AskedNearest, 'to' | 'values'> {
  named: string;
  by: ScoreBy;
  shown: Shown;
}

export const searchEndpoint: Endpoint<AskedSearch, { answer: Answer; names: FieldNames }> = {
  parse(request) {
    const { score_by: clauses, top_k: topK, include_fields, filter } = readBody(body, request);
    if (clauses.length > 1) unsupported('several ways to score: documents are ordered by one of their fields');
    return { ...placeOf(request), by: readClause(clauses[0]!), topK, filter, shown: shownOf(include_fields, []) };
  },
  shape: ({ answer: { matches }, names }, { named, shown }) => ({
    matches: matches.map((match) => ({ ...toFields(match, names, shown), _id: match.id, _score: toScore(match.score) })),
    namespace: named,
    usage: { read_units: 1 },
  }),
  headers: ({ answer }) => answerHeaders(answer),
};

/** @throws TributaryError INPUT_SHAPE, VECTOR_NOT_FINITE */
function readClause({ type, query, values, sparse_values: pairs, ...rest }: Clause): ScoreBy {
  if (type === 'query_string') unsupported("query_string: it has no language of queries; use 'text', and a filter");
  if (!['dense_vector', 'sparse_vector', 'text'].includes(type)) refuse(`score_by.0.type: '${type}' is no way to score`);
  const field = fieldOf(rest);
  const given = { values, sparse_values: pairs, query };
  const needed = type === 'dense_vector' ? 'values' : type === 'sparse_vector' ? 'sparse_values' : 'query';
  for (const [name, value] of Object.entries(given))
    if ((value !== undefined) !== (name === needed))
      refuse(`score_by.0: '${type}' needs '${needed}', and nothing else to compare with`);
  if (type === 'dense_vector')
    return { kind: 'dense', field, to: { vector: toVector(values, 'the query') ?? refuse('score_by.0.values: has no values') } };
  if (type === 'sparse_vector')
    return {
      kind: 'sparse',
      field,
      to: { sparse: toSparseValues(pairs, 'the query') ?? refuse('score_by.0.sparse_values: has no values') },
    };
  return { kind: 'text', field, to: { words: wordsOf(query!) } };
}

function fieldOf({ fields, field }: Pick<Clause, 'fields' | 'field'>): string {
  if ((fields === undefined) === (field === undefined)) refuse("score_by.0: exactly one of 'fields' and 'field' must be given");
  const all = fields ?? [field!];
  if (all.length !== 1) refuse('score_by.0.fields: give one field; a document is compared by one');
  return all[0]!;
}

function wordsOf(query: string): string {
  const words = query.trim();
  const bytes = Buffer.byteLength(words);
  if (words === '' || bytes > queryTextBytesMax) refuse(`score_by.0.query: has ${bytes} bytes; give 1 to ${queryTextBytesMax}`);
  return words;
}

/**
 * The question in the form of the others.
 *
 * @throws TributaryError INPUT_SHAPE for a field that the index does not have, or not of that kind
 */
export function toNearest({ by, shown, ...asked }: AskedSearch, names: FieldNames): AskedNearest {
  if (names[by.kind] !== by.field) {
    const there = names[by.kind] === null ? 'this index has none' : `that of this index is '${names[by.kind]}'`;
    refuse(`score_by.0: '${by.field}' is no ${KINDS[by.kind]}; ${there}`);
  }
  const vectors = [names.dense, names.sparse].filter((name) => name !== null);
  return { ...asked, to: by.to, values: shown === 'all' || vectors.some((name) => shown.includes(name)) };
}

const KINDS = { dense: 'field of dense vectors', sparse: 'field of sparse vectors', text: 'field of text' } as const;

/** @throws TributaryError VECTOR_DIMENSION */
export function checkDimension(info: IndexInfo, { to }: AskedNearest): void {
  if ('vector' in to) checkAsked(info, to);
}

function refuse(message: string): never {
  throw new TributaryError('INPUT_SHAPE', message);
}
