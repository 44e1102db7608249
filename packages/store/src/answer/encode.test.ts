import { answer, answerBytesMax, answerRecordBytes, parseStrict } from '@tributary/schemas';
import { expect, it } from 'vitest';
import { encodeAnswer, pathBytes } from './encode.ts';
import type { AnswerFrame, ProvenItem } from './types.ts';

const frame: AnswerFrame = {
  status: 'ok',
  index: `rivers@${'0'.repeat(32)}`,
  snapshot: 3,
  manifest: 'a'.repeat(64),
  mode: 'hybrid',
  queryVector: null,
  statistics: { records: 2, averageLength: 1.5, terms: { '7': 1, fluß: 2 } },
};

const item = (slot: number, bytes: Uint8Array): ProvenItem => ({
  slot,
  version: 1,
  score: -0,
  dense: 1e-7,
  bm25: null,
  relevance: 1e21,
  record: { version: 1, bytes, name: slot.toString(16).padStart(64, '0'), textBytes: bytes.length - 1, path: null },
  path: pathBytes([new Uint8Array(32), new Uint8Array(32).fill(255)]),
});

it('writes what JSON.stringify writes, and gives the records in order, in one memory', () => {
  const { body, records, count, textBytes } = encodeAnswer(frame, [item(1, Buffer.from('one')), item(2, Buffer.from('two!'))]);
  const read = parseStrict(answer, body, 'answer', answerBytesMax);
  expect(Buffer.from(JSON.stringify(read)).equals(Buffer.from(body))).toBe(true);
  expect(read.results.map(({ slot, dense, record }) => ({ slot, dense, record }))).toEqual([
    { slot: 1, dense: 1e-7, record: records[0]!.name },
    { slot: 2, dense: 1e-7, record: records[1]!.name },
  ]);
  expect(records.map(({ shown }) => Buffer.from(shown).toString())).toEqual(['one', 'two!']);
  expect(records.map(({ path }) => [path.length, path[0], path[63]])).toEqual([
    [64, 0, 255],
    [64, 0, 255],
  ]);
  expect(records.map(({ place }) => place)).toEqual([
    `${'a'.repeat(48)}${'1'.padStart(16, '0')}`,
    `${'a'.repeat(48)}${'2'.padStart(16, '0')}`,
  ]);
  for (const { shown, path } of records) expect([shown.buffer, path.buffer]).toEqual([body.buffer, body.buffer]);
  expect({ count, textBytes }).toEqual({ count: 2, textBytes: 2 + 3 });
  expect(parseStrict(answer, encodeAnswer({ ...frame, status: 'empty' }, []).body, 'answer', answerBytesMax).results).toEqual([]);
});

it('leaves out results from the end whose records would make the answer too long', () => {
  const long = new Uint8Array(60_000);
  const { body, records, count, items } = encodeAnswer(
    frame,
    Array.from({ length: 100 }, (_, slot) => item(slot, long)),
  );
  const sent = records.reduce((sum, { shown, path }) => sum + shown.length + path.length + answerRecordBytes, body.length);
  expect(sent).toBeLessThanOrEqual(answerBytesMax);
  expect(sent).toBeGreaterThan(answerBytesMax - 62_000);
  expect(items).toHaveLength(count);
  expect(parseStrict(answer, body, 'answer', answerBytesMax).results).toHaveLength(count);
});
