import { answer, parseStrict, answerBytesMax } from '@tributary/schemas';
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
const bytes32 = 'A'.repeat(43);
const field = (value: unknown) => ({ salt: bytes32, value });

function item(slot: number, text: string): ProvenItem {
  const shown = {
    id: field('x'),
    namespace: field(''),
    text: field(text),
    vector: field('AAAAAA'),
    source: field(null),
    licence: field(null),
    metadata: {},
  };
  const before = `"commitments":${JSON.stringify(Array.from({ length: 6 }, () => bytes32))},"shown":${JSON.stringify(shown)},"path":[`;
  const after = `],"write":"${'b'.repeat(64)}","writeIndex":0,"writePath":[]}`;
  const record = {
    version: 1,
    before: Buffer.from(before),
    after: Buffer.from(after),
    textBytes: Buffer.byteLength(text),
    path: null,
  };
  return {
    slot,
    version: 1,
    score: -0,
    dense: 1e-7,
    bm25: null,
    relevance: 1e21,
    record,
    path: pathBytes([new Uint8Array(32), new Uint8Array(32).fill(255)]),
  };
}

it('writes what JSON.stringify writes', () => {
  const { body, count, textBytes } = encodeAnswer(frame, [item(1, 'Flüsse'), item(2, '\u2028"')]);
  const read = parseStrict(answer, body, 'answer', answerBytesMax);
  expect(Buffer.from(JSON.stringify(read)).equals(Buffer.from(body))).toBe(true);
  expect(read.results.map(({ slot, dense, path }) => ({ slot, dense, paths: path.length }))).toEqual([
    { slot: 1, dense: 1e-7, paths: 2 },
    { slot: 2, dense: 1e-7, paths: 2 },
  ]);
  expect({ count, textBytes }).toEqual({ count: 2, textBytes: 7 + 4 });
  expect(parseStrict(answer, encodeAnswer({ ...frame, status: 'empty' }, []).body, 'answer', answerBytesMax).results).toEqual([]);
});

it('leaves out results from the end that would make the answer too long', () => {
  const long = 'x'.repeat(60_000);
  const { body, count, items } = encodeAnswer(
    frame,
    Array.from({ length: 100 }, (_, slot) => item(slot, long)),
  );
  expect(body.length).toBeLessThanOrEqual(answerBytesMax);
  expect(body.length).toBeGreaterThan(answerBytesMax - 62_000);
  expect(items).toHaveLength(count);
  expect(parseStrict(answer, body, 'answer', answerBytesMax).results).toHaveLength(count);
});
