// Runs every case of schemas/vectors/ledger.*.json: entries written from docs/spec/ledger.md, without this code.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Network } from '@tributary/proof/payment';
import { fromHex, toHex, utf8, ZERO_HASH } from '@tributary/proof/primitives';
import { describe, expect, it } from 'vitest';
import { readCheckpoint, writeBalances } from './checkpoint.ts';
import { entryHash, readEntry, writeEntry, type LedgerEntry } from './entries.ts';

interface Case {
  op: string;
  comment: string;
  input: { previous: string; body: string };
  expect: { entry: LedgerEntry; hash: string };
  code: string;
}
interface CheckpointCase {
  op: string;
  comment: string;
  input: { file: string; network: Network; signer: string };
  expect: { entry: number; hash: string; books: { at: number } };
}
const read = <Kind extends { op: string }>(name: string, op: string): Kind[] =>
  (JSON.parse(readFileSync(join(import.meta.dirname, '../../../../schemas/vectors', name), 'utf8')) as Kind[]).filter(
    (one) => one.op === op,
  );
const chain = read<Case>('ledger.valid.json', 'entry');

describe('entries of docs/spec/ledger.md', () => {
  it.each(chain)('$comment', ({ input, expect: wanted }) => {
    expect(readEntry(utf8(input.body))).toEqual(wanted.entry);
    expect(toHex(entryHash(fromHex(input.previous), utf8(input.body)))).toBe(wanted.hash);
    const { v: _, entry, ...rest } = wanted.entry;
    expect(Buffer.from(writeEntry(entry, rest).body).toString()).toBe(input.body);
  });

  it('form a chain from the zero hash', () => {
    expect(chain.map(({ input }) => input.previous)).toEqual([ZERO_HASH, ...chain.slice(0, -1).map((one) => one.expect.hash)]);
  });

  it.each(read<Case>('ledger.invalid.json', 'entry'))('refuse $comment', ({ input, code }) => {
    expect(() => readEntry(utf8(input.body))).toThrow(expect.objectContaining({ code }));
  });
});

describe('checkpoints of docs/spec/ledger.md', () => {
  it.each(read<CheckpointCase>('ledger.valid.json', 'checkpoint'))('$comment', ({ input, expect: wanted }) => {
    const found = readCheckpoint(utf8(input.file), input.network, input.signer);
    if (typeof found === 'string') throw new Error(found);
    expect({ entry: found.tip.entry, hash: toHex(found.tip.hash) }).toEqual({ entry: wanted.entry, hash: wanted.hash });
    expect(JSON.parse(writeBalances(found, wanted.books.at))).toEqual(wanted.books);
  });

  it.each(read<CheckpointCase>('ledger.invalid.json', 'checkpoint'))('do not use $comment', ({ input }) => {
    expect(readCheckpoint(utf8(input.file), input.network, input.signer)).toBeTypeOf('string');
  });
});
