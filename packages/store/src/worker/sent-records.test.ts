import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FoundOutcome, WrittenRecord } from '../found.ts';
import { createReceiver, createSender, type SentOutcome } from './sent-records.ts';

const RECORDS = 12;

const recordAt = (at: number): WrittenRecord => ({
  id: `r${at}`,
  namespace: '',
  text: 'x'.repeat(at * 100),
  vector: new Float32Array([at, 1]),
  sparse: at % 2 === 0 ? null : { indices: new Uint32Array([at]), values: new Float32Array([1]) },
  metadata: { at },
  source: null,
  licence: null,
  sell: 'full',
  version: 1,
  signer: 'did:key:a',
  custody: 'self',
  author: null,
});

const item = fc.record({
  at: fc.nat(RECORDS - 1),
  score: fc.double({ noNaN: true, noDefaultInfinity: true }),
  relevance: fc.double({ min: 0, max: 1, noNaN: true }),
  dense: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })),
  bm25: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })),
  sparse: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }), { nil: undefined }),
});

/** As a message between threads does. */
const cloned = (sent: SentOutcome): SentOutcome => structuredClone(sent);

const outcome = (
  records: readonly WrittenRecord[],
  items: readonly ReturnType<typeof item.generate>['value'][],
): FoundOutcome => ({
  snapshot: 3,
  time: 4,
  items: items.map(({ at, score, relevance, dense, bm25, sparse }) => ({
    record: records[at]!,
    score,
    relevance,
    components: { dense, bm25, ...(sparse === undefined ? {} : { sparse }) },
  })),
});

test('whatever is kept and dropped, every answer arrives as it was sent', () => {
  const records = Array.from({ length: RECORDS }, (_, at) => recordAt(at));
  fc.assert(
    fc.property(
      fc.array(fc.array(item, { maxLength: 8 }), { maxLength: 30 }),
      fc.integer({ min: 0, max: 20_000 }),
      (turns, bytesMax) => {
        const [send, receive] = [createSender(bytesMax), createReceiver()];
        for (const items of turns) {
          const found = outcome(records, items);
          expect(receive(cloned(send(found)))).toEqual(found);
        }
      },
    ),
  );
});

const only = (record: WrittenRecord): FoundOutcome => ({
  snapshot: 1,
  time: 1,
  items: [{ record, score: 1, relevance: 1, components: { dense: 1, bm25: null } }],
});

test('a record crosses once', () => {
  const send = createSender();
  const record = recordAt(1);
  expect(send(only(record)).given).toHaveLength(1);
  expect(send(only(record)).given).toHaveLength(0);
});

test('a new version of a record crosses again', () => {
  const send = createSender();
  send(only(recordAt(1)));
  expect(send(only({ ...recordAt(1), version: 2 })).given).toHaveLength(1);
});

test('the record that was not found for longest is dropped first, on both sides', () => {
  const [first, second, third] = [recordAt(1), recordAt(2), recordAt(3)];
  const send = createSender(3_300);
  const [place] = send(only(first)).given[0]!;
  const [other] = send(only(second)).given[0]!;
  expect(send(only(first)).freed).toEqual([]);
  expect(send(only(third)).freed).toEqual([other]);
  expect(send(only(first)).given).toEqual([]);
  expect(place).not.toBe(other);
});

test('a record above the bound is not kept', () => {
  const [send, receive] = [createSender(10), createReceiver()];
  const found = only(recordAt(5));
  const sent = send(found);
  expect(sent.freed).toEqual([sent.given[0]![0]]);
  expect(receive(sent)).toEqual(found);
  expect(send(found).given).toHaveLength(1);
});
