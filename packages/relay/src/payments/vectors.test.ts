// Runs every case of schemas/vectors/ledger.*.json: entries written from docs/spec/ledger.md, without this code.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromHex, toHex, utf8 } from '@tributary/proof';
import { describe, expect, it } from 'vitest';
import { entryHash, readEntry, writeEntry, ZERO_HASH, type LedgerEntry } from './entries.ts';

interface Case {
  comment: string;
  input: { previous: string; body: string };
  expect: { entry: LedgerEntry; hash: string };
  code: string;
}
const read = (name: string): Case[] =>
  JSON.parse(readFileSync(join(import.meta.dirname, '../../../../schemas/vectors', name), 'utf8')) as Case[];
const chain = read('ledger.valid.json');

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

  it.each(read('ledger.invalid.json'))('refuse $comment', ({ input, code }) => {
    expect(() => readEntry(utf8(input.body))).toThrow(expect.objectContaining({ code }));
  });
});
