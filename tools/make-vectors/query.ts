import {
  toSparse,
  type Metric,
  type QueryMode,
  type Request,
  type SparseInput,
  type Statistics,
} from '../../schemas/src/index.ts';
import { toBase64url, vectorToBase64url } from '../../packages/proof/src/bytes.ts';
import { compileFilter } from '../../packages/proof/src/filter/compile.ts';
import { requestHash, responseHash } from '../../packages/proof/src/requests.ts';
import { bm25, bm25Query } from '../../packages/proof/src/score/bm25.ts';
import { closeness, denseScore } from '../../packages/proof/src/score/dense.ts';
import { sparseToBase64url } from '../../packages/proof/src/record/sparse-bytes.ts';
import { measureSparse } from '../../packages/proof/src/score/sparse.ts';
import { compareResults, scoreOf } from '../../packages/proof/src/score/rank.ts';
import { queryTerms, termCounts, terms } from '../../packages/proof/src/score/terms.ts';
import { fromBase64url } from '../../packages/proof/src/bytes.ts';
import { makeTestBundle } from '../../packages/proof/test/_bundle.ts';
import { buildSparseIndex } from '../../packages/proof/test/_index.ts';
import { invalid, valid, type VectorCase, type Vectors } from './case.ts';

const { request, response } = makeTestBundle({ request: (value) => ({ ...value, topK: 1 }) });

const TEXTS = [
  'ΟΔΟΣ οδος: ies, eeds, possibly archaeology',
  'é\u{1ccd6}x: a letter of Unicode 16 is none here',
  'The QUICK brown foxes are jumping over it',
  'state-of-the-art, H2O & CO₂ in 3.14 cafés',
  'ﬁne ＡＢＣ Grüße Ελλάδα',
  'iPhone手机壳 東京都 猫 コーヒー 한국어 말 กขค 𠮷野家',
  'relational conditional rationalization, hopping ponies; a generalization of oscillators',
  '。、 !? _ ',
];
const VECTORS: [Metric, number[], number[]][] = [
  ['cosine', [1, 2, 3], [-4, 5, 6]],
  ['cosine', [0.1, 0.2, 0.3], [0.3, 0.1, -0.7]],
  ['dotproduct', [1, 2, 3], [-4, 5, 6]],
  ['euclidean', [1, 2, 3], [-4, 5, 6]],
];
const dense = ([metric, a, b]: [Metric, number[], number[]]): VectorCase => {
  const [query, vector] = [Float32Array.from(a), Float32Array.from(b)];
  const value = denseScore(metric, query, vector);
  const input = { metric, query: vectorToBase64url(query), vector: vectorToBase64url(vector) };
  return valid('dense', `${metric} of ${a.join(' ')} and ${b.join(' ')}`, input, {
    dense: value,
    closeness: closeness(metric, value),
  });
};

const statistics: Statistics = { records: 100, averageLength: 7.5, terms: { river: 40, flood: 3, unicorn: 0 } };
const keywords = (asked: string, text: string): VectorCase => {
  const list = terms(text);
  const query = bm25Query(statistics, queryTerms(asked));
  return valid(
    'bm25',
    `${JSON.stringify(asked)} in ${JSON.stringify(text)}`,
    { statistics, query: asked, text },
    { bm25: bm25(query, termCounts(list), list.length), bound: query.bound },
  );
};

const score = (
  mode: QueryMode,
  metric: Metric,
  denseValue: number | null,
  bm25Value: number | null,
  bound: number,
  denseWeight: number | null = null,
): VectorCase => {
  const input = { mode, metric, denseWeight, dense: denseValue, bm25: bm25Value, bound };
  return valid('score', `${mode}, ${metric}`, input, scoreOf(input));
};
const sparseCase = (comment: string, a: SparseInput, b: SparseInput | null): VectorCase => {
  const [query, record] = [toSparse(a)!, b && toSparse(b)];
  const { sparse, shared } = measureSparse(query, record);
  const input = { query: sparseToBase64url(query), record: record && sparseToBase64url(record) };
  return valid('sparse', comment, input, { sparse, shared });
};
const sparseScore = (mode: QueryMode, denseValue: number | null, sparse: number): VectorCase => {
  const input = { mode, metric: 'dotproduct' as const, denseWeight: null, dense: denseValue, bm25: null, bound: 0, sparse };
  return valid('score', `${mode}, dotproduct`, input, scoreOf(input));
};
const sparseRequest = (mode: QueryMode, comment: string): VectorCase => {
  const { nonce, body } = makeTestBundle({ mode, index: buildSparseIndex('both') }).request;
  return valid('request', comment, { nonce, body }, { hash: requestHash(fromBase64url(nonce), body) });
};
const order = (mode: QueryMode, metric: Metric): VectorCase => {
  const results = [
    { slot: 5, score: 1 },
    { slot: 9, score: 2 },
    { slot: 3, score: 1 },
  ];
  const slots = results.toSorted(compareResults(mode, metric)).map(({ slot }) => slot);
  return valid('order', `${mode}, ${metric}`, { mode, metric, results }, { slots });
};

const metadata = { genre: 'drama', year: 2020, seen: true, tags: ['war', 'love'] };
const FILTERS: unknown[] = [
  {},
  { genre: 'drama' },
  { genre: { $ne: 'drama' } },
  { missing: { $ne: 'x' } },
  { missing: { $nin: ['x'] } },
  { year: { $gte: 2020, $lt: 2021 } },
  { genre: { $gt: 1 } },
  { year: '2020' },
  { tags: 'war' },
  { tags: { $ne: 'war' } },
  { tags: { $in: ['peace', 'love'] } },
  { tags: { $nin: ['peace'] } },
  { genre: { $in: [] } },
  { missing: { $exists: false } },
  { $or: [{ genre: 'comedy' }, { year: { $or: [{ $lt: 2000 }, { $gt: 2010 }] } }] },
  { $and: [{ genre: 'drama' }, { seen: false }] },
];
const deep = Array.from({ length: 16 }).reduce<unknown>((inner) => ({ $and: [inner] }), { a: 1 });
const BAD_FILTERS: [string, unknown][] = [
  ['an unknown operator', { genre: { $regex: 'x' } }],
  ['an unknown operator at the top', { $not: { genre: 'x' } }],
  ['null', { genre: null }],
  ['a bare list', { genre: ['x'] }],
  ['no operator', { genre: {} }],
  ['a nested field', { genre: { name: 'x' } }],
  ['a list is due', { genre: { $in: 'x' } }],
  ['a number is due', { year: { $gt: '1' } }],
  ['a boolean is due', { year: { $exists: 1 } }],
  ['an empty list of conditions', { $or: [] }],
  ['17 levels', deep],
  ['257 operators', { $or: Array.from({ length: 256 }, (_, at) => ({ a: at })) }],
];

const change = (from: string, to: string) => request.body.replace(from, to);
const badRequest = (comment: string, body: string) =>
  invalid('request', 'REQUEST_MISMATCH', comment, { nonce: request.nonce, body });
const badResponse = (comment: string, body: string) => invalid('response', 'RESPONSE_SHAPE', comment, { body });

const SPARSE = JSON.parse(makeTestBundle({ mode: 'dense-sparse', index: buildSparseIndex('both') }).request.body) as Request;
const pairs = (...values: number[]) => toBase64url(new Uint8Array(Float32Array.from(values).buffer));
/** 1e-45 is index 1 in the bytes of a float32, 3e-45 is index 2. */
const SPARSE_REQUESTS: [string, Partial<Record<keyof Request, unknown>>][] = [
  ['no sparse vector where the mode compares them', { sparse: undefined }],
  ['a sparse vector in a mode that does not compare them', { mode: 'dense' }],
  ['a dense vector in a mode that does not compare them', { mode: 'sparse' }],
  ['no dense part', { text: null, vector: null, model: null }],
  ['sparse indices out of order', { sparse: pairs(3e-45, 1, 1e-45, 1) }],
  ['a sparse index twice', { sparse: pairs(1e-45, 1, 1e-45, 1) }],
  ['a sparse value of 0', { sparse: pairs(1e-45, 0) }],
  ['a sparse value that is not finite', { sparse: pairs(1e-45, NaN) }],
  ['an empty sparse vector', { sparse: '' }],
  ['half a pair', { sparse: pairs(1e-45, 1, 3e-45) }],
];

export const queryVectors: Vectors = {
  valid: [
    valid('request', 'hybrid, with a filter', { ...request }, { hash: requestHash(fromBase64url(request.nonce), request.body) }),
    valid('response', 'one result', { body: response }, { hash: responseHash(response) }),
    ...TEXTS.map((text) =>
      valid('terms', 'terms and distinct query terms', { text }, { terms: terms(text), queryTerms: [...queryTerms(text)] }),
    ),
    ...VECTORS.map(dense),
    ...['River floods, river deltas', 'A flood.', 'unicorns', ''].map((text) => keywords('the river, a flood, a unicorn', text)),
    keywords('River unicorn river, flood: RIVER', 'River floods, river deltas'),
    score('dense', 'cosine', 0.5, null, 0),
    score('dense', 'euclidean', 4, null, 0),
    score('dense', 'dotproduct', 7.5, null, 0),
    score('bm25', 'cosine', null, 3, 12),
    score('hybrid', 'cosine', 0.5, 3, 12, 0.6),
    score('hybrid', 'cosine', 0.5, 3, 12, 0),
    score('hybrid', 'cosine', 0.5, 3, 12, 1),
    score('hybrid', 'euclidean', 4, 3, 12, 0.01),
    score('hybrid', 'cosine', -0.5, 0, 0, 0.6),
    sparseRequest('sparse', 'a sparse vector alone'),
    sparseRequest('dense-sparse', 'a sparse vector beside a dense one'),
    sparseCase('two indices in common', { indices: [1, 5, 9], values: [1, 2, 3] }, { indices: [5, 9, 12], values: [0.5, -1, 7] }),
    sparseCase('none in common', { indices: [1], values: [1] }, { indices: [2], values: [1] }),
    sparseCase('a record without a sparse vector', { indices: [1], values: [1] }, null),
    sparseCase(
      'the sum depends on its order',
      { indices: [1, 2, 3], values: [1e20, 1, -1e20] },
      { indices: [1, 2, 3], values: [1, 1, 1] },
    ),
    sparseScore('sparse', null, 2.5),
    sparseScore('sparse', null, -1),
    sparseScore('dense-sparse', 0.25, 0.5),
    sparseScore('dense-sparse', -0.5, 0),
    order('sparse', 'dotproduct'),
    order('hybrid', 'euclidean'),
    order('dense', 'cosine'),
    order('dense', 'euclidean'),
    ...FILTERS.map((filter) =>
      valid('filter', JSON.stringify(filter), { filter, metadata }, { matches: compileFilter(filter)(metadata) }),
    ),
  ],
  invalid: [
    badRequest('white space', change(',', ', ')),
    badRequest(
      'members in another order',
      JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(request.body) as object).reverse())),
    ),
    badRequest('an unknown member', change('{', '{"x":1,')),
    badRequest('a repeated member', change('{', '{"v":1,')),
    badRequest('a number with a fraction of zero', change('"topK":1', '"topK":1.0')),
    badRequest('no results asked for', change('"topK":1', '"topK":0')),
    badRequest('a hybrid question without a weight', change('"denseWeight":0.6', '"denseWeight":null')),
    badRequest('a weight above 1', change('"denseWeight":0.6', '"denseWeight":1.5')),
    badRequest('a weight in a mode of one part', JSON.stringify({ ...JSON.parse(request.body), mode: 'dense' })),
    badRequest('neither text nor vector', JSON.stringify({ ...JSON.parse(request.body), text: null, vector: null })),
    badRequest(
      'keywords without a text',
      JSON.stringify({ ...JSON.parse(request.body), mode: 'bm25', denseWeight: null, text: null }),
    ),
    ...SPARSE_REQUESTS.map(([comment, members]) => badRequest(comment, JSON.stringify({ ...SPARSE, ...members }))),
    badRequest('a lone surrogate', change('"text":"', '"text":"\\ud800')),
    badRequest('a key that readers drop', change('"filter":{', '"filter":{"__proto__":1,')),
    badResponse('white space', response.replace(',', ', ')),
    badResponse('an unknown member', response.replace('{', '{"x":1,')),
    badResponse('an unknown status', response.replace('"status":"ok"', '"status":"fine"')),
    badResponse('a negative slot', response.replace(/"slot":\d+/, '"slot":-1')),
    badResponse('the name of a record one digit short', response.replace(/("record":"[^"]+)[^"]"/, '$1"')),
    ...BAD_FILTERS.map(([comment, filter]) => invalid('filter', 'FILTER_INVALID', comment, { filter, metadata })),
  ],
};
