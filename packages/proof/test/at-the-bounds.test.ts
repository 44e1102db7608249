// Each condition of a check alone, and amounts exactly at and just beyond their bounds.
import { expect, test } from 'vitest';
import { ZERO_HASH } from '../src/bytes.ts';
import { makeTestBundle } from './_bundle.ts';
import { MODEL, seed, vectorOf } from './_index.ts';
import { codeOf, index, onAnswer, type Options } from './_lies.ts';
import { cosigned, everyone, trustOf, verify, vkey } from './_trust.ts';
import { checkEmbeddings, compareVectors, verifyAnswer } from '../src/index.ts';
import { toHex } from '../src/primitives.ts';

const hash = toHex(seed('some hash'));
const { receipt, payment } = makeTestBundle({ index });
const acknowledged = BigInt(payment!.ticket.ackedTotal);

test.each<[string, string | null, Options]>([
  ['a free answer that names a channel', 'RECEIPT_MISMATCH', { free: true, receipt: (r) => ({ ...r, channel: hash }) }],
  ['a free answer that names a predecessor', 'RECEIPT_MISMATCH', { free: true, receipt: (r) => ({ ...r, previous: hash }) }],
  ['a second receipt without a predecessor', 'RECEIPT_CHAIN', { receipt: (r) => ({ ...r, sequence: 2, previous: ZERO_HASH }) }],
  [
    'a total that begins one below what was acknowledged',
    'RECEIPT_CHAIN',
    { receipt: (r) => ({ ...r, chargedTotal: String(acknowledged + BigInt(r.charge) - 1n) }) },
  ],
  [
    'a total that begins at what was acknowledged',
    null,
    { receipt: (r) => ({ ...r, chargedTotal: String(acknowledged + BigInt(r.charge)) }) },
  ],
  [
    'statistics in an answer without words',
    'STATISTICS',
    { mode: 'dense', answer: onAnswer((answer) => (answer.statistics = { records: 39, averageLength: 9, terms: {} })) },
  ],
  [
    'one term that occurs, others that do not, and no length',
    'STATISTICS',
    {
      answer: onAnswer(({ statistics }) => {
        const [first, ...others] = Object.keys(statistics!.terms);
        statistics!.averageLength = 0;
        statistics!.terms[first!] = 1;
        for (const term of others) statistics!.terms[term] = 0;
      }),
    },
  ],
])('%s: %s', (_, code, options) => {
  expect(acknowledged).toBeGreaterThan(0n);
  expect(receipt.sequence).toBeGreaterThan(1);
  expect(codeOf(options)).toBe(code);
});

test('the log may be pinned without its signer, and the signer without the log', () => {
  const pinned = (keys: object) => verifyAnswer(makeTestBundle({ index }), { trust: trustOf(keys) }).pinned;
  expect(pinned({ logs: everyone.logs })).toEqual({ log: true, signers: false, payee: false });
  expect(pinned({ signers: everyone.signers })).toEqual({ log: false, signers: true, payee: false });
  expect(pinned({ payees: everyone.payees })).toEqual({ log: false, signers: false, payee: true });
});

test('a quorum is as fresh as its oldest member, and later cosignatures of others do not count', () => {
  const late = cosigned(['b.example'], { age: 10, base: cosigned(['a.example'], { age: 5_000 }) });
  const both = { ...late, witnesses: [vkey('a.example'), vkey('b.example')] };
  const now = JSON.parse(JSON.stringify(both.receipt.servedAt)) as number;
  const expected = { request: both.request };
  const fresh = (quorum: number) => {
    const trust = trustOf({ ...everyone, witnesses: both.witnesses, quorum });
    return !verify(both, trust, { now, expected }).notProven.includes('fresh');
  };
  expect([fresh(1), fresh(2)]).toEqual([true, false]);
});

test('one wrong passage among right ones, or one of another dimension, leaves the embedding open', async () => {
  const verified = verifyAnswer(makeTestBundle({ index, mode: 'dense' }));
  const right = verified.answer.results.map(({ shown }) => vectorOf(`record ${/Passage (\d+)/.exec(shown.text.value)![1]}`));
  const advice = (passages: Float32Array[]) => checkEmbeddings(verified, { model: MODEL, embed: async () => passages });
  expect((await advice(right)).notProven).not.toContain('embedding');
  const wrong = await advice(right.with(1, vectorOf('another passage')));
  expect(wrong.notProven).toContain('embedding');
  expect(wrong.passages).toBeLessThan(0.99);
  expect(await advice(right.with(1, new Float32Array(8)))).toMatchObject({ passages: -1 });
  await expect(advice(right.slice(1))).rejects.toThrow(RangeError);
});

test('a vector of zeros agrees with no other vector', () => {
  const [zeros, own] = [new Float32Array(2), Float32Array.of(3, 4)];
  expect(compareVectors(zeros, own)).toEqual({ cosine: 0, same: false });
  expect(compareVectors(own, zeros)).toEqual({ cosine: 0, same: false });
});
