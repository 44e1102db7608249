import { expect, it } from 'vitest';
import { address, chunkIds, filePrefix, rowOfId, rowPrefix, type ChunkFacts } from './address.ts';
import type { Chunk, ParsedDocument } from './types.ts';

const facts: ChunkFacts = { namespace: '', licence: null, sell: () => 'full', metadata: {} };
const parsed = (document: string, metadata = {}, row: string | null = null): ParsedDocument => ({
  document,
  row,
  uri: null,
  title: 'T',
  sha256: '0'.repeat(64),
  text: '',
  blocks: [],
  metadata,
});
const chunk = (text: string, start = 0): Chunk => ({
  text,
  context: 'T',
  title: 'T',
  place: { start, end: start + text.length },
});
const idsOf = async (texts: string[], metadata = {}, more: Partial<ChunkFacts> = {}) => {
  const chunks = texts.map((text, at) => chunk(text, at));
  const { added } = await address(parsed('a.md', metadata), chunks, new Set(), { ...facts, ...more });
  return added.map(({ id }) => id);
};

it('names chunks by their content: position does not matter, repeats are numbered', async () => {
  const [one, two, again] = await idsOf(['one', 'two', 'one']);
  expect((await idsOf(['new', 'one', 'two'])).slice(1)).toEqual([one, two]);
  expect(one).toMatch(/^a\.md#[0-9a-f]{16}-0$/);
  expect(again).toBe(one!.replace(/0$/, '1'));
  expect(await idsOf(['one'], { k: 1 })).not.toEqual([one]);
  // Whether it is sold changes without a new vector.
  expect(await idsOf(['one'], {}, { sell: () => 'never', licence: 'MIT' })).toEqual([one]);
  expect(await idsOf(['one'], { a: 1, b: 2 })).toEqual(await idsOf(['one'], { b: 2, a: 1 }));
});

it('finds what is new, what stays and what goes', async () => {
  const [one, two] = await idsOf(['one', 'two']);
  const stale = new Set([one!, two!]);
  const result = await address(parsed('a.md'), [chunk('two'), chunk('three')], stale, facts);
  expect(result).toMatchObject({ added: [{ text: 'three' }], unchanged: [two] });
  expect([...stale]).toEqual([one]);
});

it('keeps files and the records in them apart, whatever their names', async () => {
  const idOf = async (document: string, row: string | null): Promise<string> =>
    (await address(parsed(document, {}, row), [chunk('x')], new Set(), facts)).added[0]!.id;
  expect(await idOf('a.csv', 'b.md')).toMatch(/^a\.csv#b\.md#[0-9a-f]{16}-0$/);
  // A file may be named like a record of another one, or like a chunk.
  expect(await idOf('a.csv#b.md', null)).toMatch(/^a\.csv%23b\.md#/);
  expect(await idOf('a%23b.md', null)).not.toBe(await idOf('a#b.md', null));
  expect(filePrefix('x'.repeat(600))).toMatch(/^[0-9a-f]{64}#$/);
  expect(rowPrefix('a.csv', `n\0${'x'.repeat(500)}`)).toMatch(/^a\.csv#[0-9a-f]{64}#$/);
  for (const row of ['7', 'b#c', '#', 'ü']) expect(rowOfId(await idOf('a.csv', row))).toBe(row);
  expect(rowOfId(await idOf('a.md', null))).toBe(null);
  expect(rowOfId('own')).toBe(null);
});

it("does not treat a program's records as its own", () => {
  const own = 'a.csv#b#0123456789abcdef-0';
  expect(chunkIds([own, 'a.csv#note', 'a.csv#b#0123'])).toEqual([own]);
});

it('refuses a document whose metadata cannot be stored', async () => {
  await expect(address(parsed('a.md', { $k: 1 }), [chunk('x')], new Set(), facts)).rejects.toMatchObject({
    code: 'METADATA_INVALID',
  });
});
