// A provider that lies about records and signs its lie with its own keys. Each lie is refused with the code of the
// check that finds it.
import type { Bundle, QueryMode, Request, ResultItem, WholeAnswer } from '@tributary/schemas';
import { describe, expect, test } from 'vitest';
import { ZERO_HASH } from '../src/bytes.ts';
import { makeTestBundle } from './_bundle.ts';
import { wholeOf } from './_whole.ts';
import { INDEX, usualRecord, seed, signWrite, vectorOf } from './_index.ts';
import { codeOf, flipped, index, insert, itemOf, onAnswer, onFirst, onRequest, other, type Options } from './_lies.ts';
import { verifyBundle } from '../src/index.ts';
import { vectorToBase64url } from '../src/primitives.ts';
import { compareResults } from '../src/ranking.ts';

describe('what an item shows', () => {
  test.each<[string, string, (item: ResultItem) => void]>([
    ['text altered', 'TEXT_COMMITMENT', ({ shown }) => (shown.text.value = shown.text.value.replace('high', 'low'))],
    ['text truncated', 'TEXT_COMMITMENT', ({ shown }) => (shown.text.value = shown.text.value.slice(0, -1))],
    ['text in another Unicode form', 'TEXT_COMMITMENT', ({ shown }) => (shown.text.value = shown.text.value.normalize('NFD'))],
    ['another salt', 'TEXT_COMMITMENT', ({ shown }) => (shown.text.salt = other)],
    ['id altered', 'ID_COMMITMENT', ({ shown }) => (shown.id.value = 'r-999')],
    ['source altered', 'SOURCE_COMMITMENT', ({ shown }) => (shown.source.value = null)],
    ['licence altered', 'LICENCE_COMMITMENT', ({ shown }) => (shown.licence.value = 'CC0-1.0')],
    ['metadata altered', 'METADATA_COMMITMENT', ({ shown }) => (shown.metadata['year']!.value = 2024)],
    [
      'a metadata key dropped with its commitment',
      'ITEM_INCLUSION',
      (item) => (delete item.shown.metadata['reviewed'], item.commitments.splice(6, 1)),
    ],
    ['a metadata key renamed', 'METADATA_COMMITMENT', ({ shown }) => renameKey(shown.metadata)],
    ['vector altered', 'VECTOR_COMMITMENT', ({ shown }) => (shown.vector.value = vectorToBase64url(vectorOf('x')))],
    [
      'vector of another dimension',
      'DIMENSION_MISMATCH',
      ({ shown }) => (shown.vector.value = vectorToBase64url(new Float32Array(8))),
    ],
    ['a commitment replaced', 'ITEM_INCLUSION', (item) => (item.commitments[2] = other)],
    [
      'two commitments swapped',
      'ITEM_INCLUSION',
      ({ commitments }) => ([commitments[2], commitments[4]] = [commitments[4]!, commitments[2]!]),
    ],
  ])('%s: %s', (_name, code, change) => {
    expect(codeOf({ answer: onFirst(change) })).toBe(code);
  });

  test('texts of two items swapped: TEXT_COMMITMENT', () => {
    const answer = onAnswer(({ results: [a, b] }) => ([a!.shown.text, b!.shown.text] = [b!.shown.text, a!.shown.text]));
    expect(codeOf({ answer })).toBe('TEXT_COMMITMENT');
  });
});

function renameKey(metadata: ResultItem['shown']['metadata']): void {
  metadata['yeas'] = metadata['reviewed']!;
  delete metadata['reviewed'];
}

describe('where an item comes from', () => {
  test('a path of 49 hashes is none', () => {
    const bundle = makeTestBundle({ index });
    const [{ shown }] = bundle.records as [Bundle['records'][number]];
    const long = { ...bundle, records: [{ shown, path: Array<string>(49).fill(other) }, ...bundle.records.slice(1)] };
    expect(verifyBundle(JSON.stringify(long)).failed?.code).toBe('BUNDLE_SHAPE');
  });

  test.each<[string, string, (item: ResultItem) => void]>([
    ['slot beyond the tree', 'ITEM_SLOT', (item) => (item.slot = 40)],
    ['slot off by one', 'ITEM_INCLUSION', (item) => (item.slot += 1)],
    ['path altered', 'ITEM_INCLUSION', ({ path }) => (path[0] = flipped(path[0]!))],
    ['path truncated', 'ITEM_INCLUSION', ({ path }) => path.pop()],
    ['path extended', 'ITEM_INCLUSION', ({ path }) => path.push(other)],
    ['entry of the write off by one', 'WRITE_INCLUSION', (item) => (item.writeIndex += 1)],
    ['entry beyond the write', 'WRITE_INCLUSION', (item) => (item.writeIndex = 20)],
    ['path in the write altered', 'WRITE_INCLUSION', ({ writePath }) => (writePath[0] = flipped(writePath[0]!))],
    [
      'another write of the index',
      'ITEM_INCLUSION',
      (item) => (item.write = [...index.writes.keys()].find((hash) => hash !== item.write)!),
    ],
    ['a write that is not delivered', 'WRITE_MISSING', (item) => (item.write = 'a'.repeat(64))],
  ])('%s: %s', (_name, code, change) => {
    expect(codeOf({ answer: onFirst(change) })).toBe(code);
  });

  test('a deleted record: ITEM_INCLUSION', () => {
    const [write] = index.writes.keys();
    const deleted = { record: usualRecord(7), salt: seed('salt 7'), slot: 7, write: write!, writeIndex: 7 };
    const serve = onAnswer((answer) => insert(answer, itemOf(7, answer, deleted)));
    expect(codeOf({ ...onRequest({ minRelevance: 0 }), answer: serve })).toBe('ITEM_INCLUSION');
  });

  test.each<[string, string, Parameters<typeof signWrite>[0]]>([
    [
      'another index',
      'WRITE_MISMATCH',
      { sequence: 1, previous: ZERO_HASH, root: ZERO_HASH, size: 1, index: `sea${INDEX.slice(6)}` },
    ],
    ['after the snapshot', 'WRITE_MISMATCH', { sequence: 4, previous: 'a'.repeat(64), root: ZERO_HASH, size: 1 }],
    ['a second last write', 'WRITE_MISMATCH', { sequence: 3, previous: 'a'.repeat(64), root: ZERO_HASH, size: 1 }],
    ['a write that has not the record', 'ITEM_INCLUSION', { sequence: 2, previous: 'a'.repeat(64), root: ZERO_HASH, size: 1 }],
  ])('named write is of %s: %s', (_name, code, fields) => {
    const { hash, ...signed } = signWrite(fields);
    const bundle = { ...index, writes: new Map([...index.writes, [hash, signed]]) };
    expect(codeOf({ index: bundle, answer: onFirst((item) => (item.write = hash)) })).toBe(code);
  });
});

describe('scores and order', () => {
  test.each<[string, string, (answer: WholeAnswer) => void]>([
    ['score raised', 'SCORE', ({ results: [a] }) => (a!.score += 1e-6)],
    ['relevance raised', 'SCORE', ({ results: [a] }) => (a!.relevance += 1e-6)],
    ['dense part raised', 'SCORE', ({ results: [a] }) => (a!.dense! += 1e-6)],
    ['bm25 part raised', 'SCORE', ({ results: [a] }) => (a!.bm25! += 1e-6)],
    ['dense part left out', 'SCORE', ({ results: [a] }) => (a!.dense = null)],
    ['bm25 part left out', 'SCORE', ({ results: [a] }) => (a!.bm25 = null)],
    ['two results swapped', 'RANK_ORDER', ({ results }) => results.reverse()],
    ['the same item twice', 'ITEM_DUPLICATE', ({ results }) => results.splice(1, 1, results[0]!)],
    ['the same record in two slots', 'ITEM_DUPLICATE', ({ results: [a, b] }) => (b!.shown.id = a!.shown.id)],
    ['average length halved', 'SCORE', ({ statistics }) => (statistics!.averageLength /= 2)],
    ['a document frequency changed', 'SCORE', ({ statistics }) => (statistics!.terms['river']! -= 1)],
    ['a term left out', 'STATISTICS', ({ statistics }) => delete statistics!.terms['river']],
    ['a term added', 'STATISTICS', ({ statistics }) => (statistics!.terms['boat'] = 1)],
    ['more records than live', 'STATISTICS', ({ statistics }) => (statistics!.records = 40)],
    ['a term in more records than there are', 'STATISTICS', ({ statistics }) => (statistics!.terms['river'] = 39)],
    ['no statistics', 'STATISTICS', (answer) => (answer.statistics = null)],
    ['a query vector of its own', 'QUERY_VECTOR', (answer) => (answer.queryVector = vectorToBase64url(vectorOf('x')))],
    ['another mode', 'RESPONSE_SHAPE', (answer) => (answer.mode = 'dense')],
  ])('%s: %s', (_name, code, change) => {
    expect(codeOf({ answer: onAnswer(change) })).toBe(code);
  });

  test.each<[string, Partial<Request>]>([
    ['another weight than the one asked for', { denseWeight: 0.75 }],
    ['repeated words of the question counted once', { text: 'spring floods of the river deltas' }],
  ])('scores computed with %s', (_name, served) => {
    const question = { denseWeight: 0.6, text: 'spring floods of the river deltas, spring rivers' };
    const honest = makeTestBundle({ index, ...onRequest({ ...question, ...served }) });
    const answer = () => wholeOf(honest);
    expect(codeOf({ ...onRequest({ ...question, ...served }) })).toBeNull();
    expect(codeOf({ ...onRequest(question), answer })).toBe('SCORE');
  });

  test.each<[string, string, QueryMode, (answer: WholeAnswer) => void]>([
    [
      'statistics in a dense answer',
      'STATISTICS',
      'dense',
      (answer) => (answer.statistics = { records: 39, averageLength: 1, terms: {} }),
    ],
    [
      'a query vector in a keyword answer',
      'QUERY_VECTOR',
      'bm25',
      (answer) => (answer.queryVector = vectorToBase64url(vectorOf('x'))),
    ],
  ])('%s: %s', (_name, code, mode, change) => {
    expect(codeOf({ mode, answer: onAnswer(change) })).toBe(code);
  });

  test('no query vector although the provider had to make it: QUERY_VECTOR', () => {
    const made = onRequest({ vector: null, model: null });
    expect(codeOf(made)).toBe(null);
    expect(codeOf({ ...made, answer: onAnswer((answer) => (answer.queryVector = null)) })).toBe('QUERY_VECTOR');
  });
});

describe('what was asked', () => {
  test.each<[string, string, number]>([
    ['a record that the filter excludes', 'FILTER_MISMATCH', 0],
    ['a record of another namespace', 'NAMESPACE_MISMATCH', 29],
  ])('%s: %s', (_name, code, number) => {
    expect(codeOf({ answer: onAnswer((answer) => insert(answer, itemOf(number, answer))) })).toBe(code);
  });

  test('a namespace claimed for a record of another one: NAMESPACE_COMMITMENT', () => {
    const answer = onAnswer((draft) => {
      const item = itemOf(29, draft);
      item.shown.namespace.value = '';
      insert(draft, item);
    });
    expect(codeOf({ ...onRequest({ filter: null, minRelevance: 0 }), answer })).toBe('NAMESPACE_COMMITMENT');
  });

  test('more results than asked for: RESULT_COUNT', () => {
    const answer = onAnswer(
      (draft) => (draft.results = [...draft.results, itemOf(10, draft)].sort(compareResults('hybrid', 'cosine'))),
    );
    expect(codeOf({ answer })).toBe('RESULT_COUNT');
  });

  test.each<[string, string, Options]>([
    ['results in an answer that says empty', 'RESULT_COUNT', { answer: onAnswer((answer) => (answer.status = 'empty')) }],
    ['results in an answer that says gone', 'RESULT_COUNT', { answer: onAnswer((answer) => (answer.status = 'gone')) }],
    ['no results in an answer that says ok', 'RESULT_COUNT', { answer: onAnswer((answer) => (answer.results = [])) }],
    ['a query vector of another model', 'MODEL_MISMATCH', onRequest({ model: 'a'.repeat(64) })],
    [
      'a query vector of another dimension',
      'DIMENSION_MISMATCH',
      onRequest({ vector: vectorToBase64url(vectorOf('question').subarray(8)) }),
    ],
    [
      'a query vector that is not finite',
      'QUERY_VECTOR',
      onRequest({ vector: vectorToBase64url(new Float32Array(16).fill(NaN)) }),
    ],
    ['a state later than the snapshot', 'MANIFEST_MISMATCH', onRequest({ minSequence: 4 })],
    ['another index', 'MANIFEST_MISMATCH', onRequest({ index: `sea${INDEX.slice(6)}` })],
  ])('%s: %s', (_name, code, options) => {
    expect(codeOf(options)).toBe(code);
  });

  test('the question altered by whoever carried it: REQUEST_MISMATCH', () => {
    const asked = makeTestBundle({ index });
    const expected = { request: asked.request };
    expect(codeOf({}, expected)).toBe(null);
    expect(codeOf(onRequest({ topK: 3 }), expected)).toBe('REQUEST_MISMATCH');
    expect(codeOf(onRequest({ filter: null }), expected)).toBe('REQUEST_MISMATCH');
  });

  test('empty and gone answers are free', () => {
    const empty = onRequest({ filter: { year: 1900 } });
    expect(codeOf(empty)).toBe(null);
    expect(codeOf({ ...empty, answer: onAnswer((answer) => (answer.status = 'gone')) })).toBe(null);
    expect(codeOf({ ...empty, receipt: (receipt) => ({ ...receipt, charge: '1', chargedTotal: '322' }) })).toBe('RECEIPT_CHARGE');
  });
});
