import { expect, it } from 'vitest';
import { encodeAnswer } from '../answer/encode.ts';
import type { ProvenItem } from '../answer/types.ts';
import { fromSentAnswer, toSentAnswer } from './sent-answers.ts';

const item = (slot: number, numbers: Pick<ProvenItem, 'dense' | 'bm25' | 'sparse'>): ProvenItem => ({
  slot,
  version: 2 ** 40 + slot,
  score: 0.1 + slot,
  relevance: 0.5,
  ...numbers,
  record: {
    version: 1,
    bytes: Buffer.alloc(20 * slot, slot),
    name: slot.toString(16).padStart(64, '0'),
    textBytes: 1,
    path: null,
  },
  path: new Uint8Array(32 * slot).fill(slot + 100),
});
const frame = {
  status: 'ok',
  index: `rivers@${'0'.repeat(32)}`,
  snapshot: 3,
  manifest: 'a'.repeat(64),
  mode: 'dense',
  queryVector: null,
  statistics: { records: 2, averageLength: 1.5, terms: { fluß: 2 } },
} as const;

it.each([
  ['dense and words', [item(1, { dense: 0, bm25: 2 }), item(2, { dense: -1, bm25: 0 })]],
  ['one part', [item(1, { dense: null, bm25: 3 }), item(0, { dense: 3, bm25: null })]],
  ['sparse', [item(3, { dense: null, bm25: null, sparse: 0 })]],
  ['none', []],
])('an answer crosses threads as it is: %s', (_, items) => {
  const wanted = structuredClone(encodeAnswer(frame, items));
  const sent = toSentAnswer(encodeAnswer(frame, items));
  const got = fromSentAnswer(structuredClone(sent, { transfer: [sent.whole] }));
  expect(got).toEqual(wanted);
  expect(Object.keys(got.items[0] ?? {})).toEqual(Object.keys(wanted.items[0] ?? {}));
});
