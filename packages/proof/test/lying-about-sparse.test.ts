// A provider that lies about sparse vectors and signs its lie with its own keys.
import type { Request, ResultItem, WholeAnswer } from '@tributary/schemas';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeTestBundle } from './_bundle.ts';
import { wholeOf } from './_whole.ts';
import { bothRecord, buildIndex, buildSparseIndex, sparseOf, vectorOf } from './_index.ts';
import { codeOf, flipped, onAnswer, onFirst, type Options } from './_lies.ts';
import { checkEmbeddings, serializeBundle, verifyAnswer, verifyBundle } from '../src/index.ts';
import { fromBase64url, sparseToBase64url, toBase64url, vectorToBase64url } from '../src/primitives.ts';
import { measureSparse } from '../src/score/sparse.ts';

const both = buildSparseIndex('both');
const only = buildSparseIndex('sparse');
const asked = (changes: Partial<Request> = {}) => ({
  request: (request: Request) => ({ ...request, filter: null, minRelevance: 0, ...changes }),
});
const combined = { index: both, mode: 'dense-sparse', ...asked() } as const;
const alone = { index: only, mode: 'sparse', ...asked() } as const;
const verified = (options: Options) => {
  const report = verifyBundle(serializeBundle(makeTestBundle(options)));
  expect(report.failed).toBe(null);
  return report;
};
/** The pairs of a sparse vector, each 8 bytes, rearranged. */
const pairsOf = (text: string, order: (pairs: Uint8Array[]) => Uint8Array[]): string => {
  const bytes = fromBase64url(text);
  const pairs = Array.from({ length: bytes.length / 8 }, (_, at) => bytes.subarray(8 * at, 8 * at + 8));
  return toBase64url(Uint8Array.from(order(pairs).flatMap((pair) => [...pair])));
};
const showing = (order: (pairs: Uint8Array[]) => Uint8Array[]) =>
  onFirst(({ shown }) => (shown.vector.sparse = pairsOf(shown.vector.sparse!, order)));

describe('honest answers', () => {
  test('are verified, of both kinds and of sparse vectors alone', () => {
    expect(verified(combined).verified!.answer.results).toHaveLength(5);
    expect(verified(alone).verified!.answer.results).toHaveLength(5);
    expect(verified({ ...combined, mode: 'sparse' }).facts!.results).toBe(5);
    expect(verified({ ...combined, ...asked({ vector: null, model: null }) }).notProven).toContain('queryEmbedding');
  });

  test('leave open whether the vectors are those of the texts, and how long they are', async () => {
    expect(verified(alone).notProven).toEqual([
      'completeness',
      'author',
      'embedding',
      'vectorLength',
      'servedAt',
      'witnessed',
      'fresh',
    ]);
    expect(verified(combined).notProven).toEqual(verified(alone).notProven);
    const embed = async (texts: readonly string[]) => texts.map((text) => vectorOf(`record ${/Passage (\d+)/.exec(text)![1]}`));
    for (const options of [combined, alone]) {
      const bundle = makeTestBundle(options);
      const advice = await checkEmbeddings(verifyAnswer(bundle), { model: JSON.parse(bundle.offer.body).card.model, embed });
      expect(advice.notProven).toContain('embedding');
    }
  });

  test('of the other modes are not changed by a sparse vector beside the dense one', () => {
    for (const mode of ['dense', 'bm25', 'hybrid'] as const) expect(codeOf({ index: both, mode, ...asked() })).toBe(null);
    expect(codeOf({ index: only, mode: 'bm25', ...asked() })).toBe(null);
  });
});

describe('what a result shows of its sparse vector', () => {
  const other = sparseToBase64url(sparseOf('another record'));
  test.each<[string, string, NonNullable<Options>['answer']]>([
    ['another one', 'VECTOR_COMMITMENT', onFirst(({ shown }) => (shown.vector.sparse = other))],
    ['none', 'VECTOR_COMMITMENT', onFirst(({ shown }) => delete shown.vector.sparse)],
    ['out of order', 'SPARSE_VECTOR', showing((pairs) => pairs.toReversed())],
    ['an index twice', 'SPARSE_VECTOR', showing(([first, ...pairs]) => [first!, first!, ...pairs])],
    ['a value left out', 'VECTOR_COMMITMENT', showing((pairs) => pairs.slice(1))],
    ['no pair', 'VECTOR_COMMITMENT', onFirst(({ shown }) => (shown.vector.sparse = ''))],
    ['an altered bit', 'VECTOR_COMMITMENT', onFirst(({ shown }) => (shown.vector.sparse = flipped(shown.vector.sparse!)))],
    [
      'that of the next result',
      'VECTOR_COMMITMENT',
      onAnswer(({ results: [a, b] }) => (a!.shown.vector.sparse = b!.shown.vector.sparse!)),
    ],
  ])('%s: %s', (_name, code, answer) => {
    expect(codeOf({ ...combined, answer: answer! })).toBe(code);
  });

  test('nothing, where the index has sparse vectors only: SPARSE_VECTOR; a dense one there: DIMENSION_MISMATCH', () => {
    const dense = vectorToBase64url(vectorOf('x'));
    const without = onFirst(({ shown }) => (shown.vector = { salt: shown.vector.salt, value: dense }));
    expect(codeOf({ ...alone, answer: without })).toBe('SPARSE_VECTOR');
    expect(codeOf({ ...alone, answer: onFirst(({ shown }) => (shown.vector.value = dense)) })).toBe('DIMENSION_MISMATCH');
  });

  test('one that it committed to in an index of dense vectors: SPARSE_VECTOR', () => {
    const index = buildIndex({}, bothRecord);
    expect(codeOf({ index, mode: 'dense', ...asked() })).toBe('SPARSE_VECTOR');
  });
});

describe('the numbers', () => {
  const change = (by: (item: ResultItem) => void) => onFirst(by);
  test.each<[string, string, NonNullable<Options>['answer']]>([
    ['the sparse part', 'SCORE', change((item) => (item.sparse! += 1e-6))],
    ['the sparse part and the score with it', 'SCORE', change((item) => ((item.sparse! += 1e-6), (item.score += 1e-6)))],
    ['the score', 'SCORE', change((item) => (item.score += 1e-6))],
    ['the relevance', 'SCORE', change((item) => (item.relevance = 0.5))],
    [
      'the dense part, made up for by the sparse part',
      'SCORE',
      change((item) => ((item.dense! -= 0.25), (item.sparse! += 0.25))),
    ],
    ['no sparse part', 'SCORE', change((item) => delete item.sparse)],
    ['no dense part', 'SCORE', change((item) => (item.dense = null))],
    ['another order', 'RANK_ORDER', onAnswer(({ results }) => results.reverse())],
    ['two exchanged', 'RANK_ORDER', onAnswer(({ results }) => ([results[0], results[1]] = [results[1]!, results[0]!]))],
  ])('%s: %s', (_name, code, answer) => expect(codeOf({ ...combined, answer: answer! })).toBe(code));

  test('a sparse part in a mode without one: SCORE', () => {
    const answer = onFirst((item) => Object.assign(item, { sparse: 0 }));
    const ordered = (value: WholeAnswer) => ({
      ...answer!(value),
      results: value.results.map(({ slot, score, dense, bm25, sparse, ...rest }) => ({
        slot,
        score,
        dense,
        bm25,
        sparse,
        ...rest,
      })),
    });
    expect(codeOf({ index: both, mode: 'dense', ...asked(), answer: ordered as never })).toBe('SCORE');
  });

  test('a result that has no index in common with the question: RELEVANCE_BOUND', () => {
    const lonely = { indices: Uint32Array.of(5), values: Float32Array.of(1) };
    const index = buildIndex({ metric: 'dotproduct', vectors: 'sparse', dimension: 0 }, (number) => ({
      ...bothRecord(number),
      vector: new Float32Array(0),
      sparse: lonely,
    }));
    const request = asked({ sparse: sparseToBase64url(lonely) });
    const honest = makeTestBundle({ index, mode: 'sparse', ...request });
    expect(verifyBundle(serializeBundle(honest)).failed).toBe(null);
    const results = wholeOf(honest).results.map((item) => ({
      ...item,
      score: 0,
      sparse: 0,
      relevance: 0,
    }));
    const other = asked({ sparse: sparseToBase64url({ indices: Uint32Array.of(6), values: Float32Array.of(1) }) });
    const answer = (value: WholeAnswer): WholeAnswer => ({ ...value, status: 'ok', results });
    expect(codeOf({ index, mode: 'sparse', ...other, answer })).toBe('RELEVANCE_BOUND');
  });
});

describe('question and index', () => {
  test.each<[string, string, Options]>([
    ['sparse vectors of an index without them', 'QUERY_VECTOR', { mode: 'sparse', ...asked() }],
    ['both of an index of dense vectors', 'QUERY_VECTOR', { mode: 'dense-sparse', ...asked() }],
    ['dense vectors of an index without them', 'QUERY_VECTOR', { index: only, mode: 'dense', ...asked() }],
    ['an answer in another mode', 'RESPONSE_SHAPE', { ...combined, answer: (answer) => ({ ...answer, mode: 'sparse' }) }],
    [
      'an offer that does not say what the index has',
      'MANIFEST_MISMATCH',
      { ...combined, offer: (offer) => ({ ...offer, card: { ...offer.card, vectors: undefined } }) },
    ],
    [
      'a question whose vector is out of order',
      'REQUEST_MISMATCH',
      { ...combined, ...asked({ sparse: pairsOf(sparseToBase64url(sparseOf('question')), (pairs) => pairs.toReversed()) }) },
    ],
  ])('%s: %s', (_name, code, options) => expect(codeOf(options)).toBe(code));

  test('another sparse vector in the question: the nonce and the hash of the request are those of the first', () => {
    const bundle = makeTestBundle(combined);
    const other = JSON.stringify({
      ...(JSON.parse(bundle.request.body) as Request),
      sparse: sparseToBase64url(sparseOf('another')),
    });
    const changed = serializeBundle({ ...bundle, request: { ...bundle.request, body: other } });
    expect(verifyBundle(changed).failed?.code).toBe('REQUEST_HASH');
  });
});

test('the dot product is that of the dense vectors with zeros between, to the bit', () => {
  const pairs = fc.uniqueArray(
    fc.record({ index: fc.nat(40), value: fc.float({ noNaN: true, noDefaultInfinity: true }).filter((value) => value !== 0) }),
    { selector: ({ index }) => index, minLength: 1, maxLength: 20 },
  );
  fc.assert(
    fc.property(pairs, pairs, (one, two) => {
      const [a, b] = [one, two].map((list) => {
        const sorted = list.toSorted((x, y) => x.index - y.index);
        return {
          indices: Uint32Array.from(sorted, ({ index }) => index),
          values: Float32Array.from(sorted, ({ value }) => value),
        };
      });
      let sum = 0;
      for (let index = 0; index <= 40; index += 1) {
        const [at, other] = [a!.indices.indexOf(index), b!.indices.indexOf(index)];
        if (at >= 0 && other >= 0) sum += a!.values[at]! * b!.values[other]!;
      }
      expect(measureSparse(a!, b!).sparse).toBe(sum);
      expect(measureSparse(b!, a!).sparse).toBe(sum);
      expect(measureSparse(a!, null)).toEqual({ sparse: 0, tolerance: 0, shared: 0 });
    }),
  );
});
