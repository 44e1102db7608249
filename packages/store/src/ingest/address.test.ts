import { expect, it } from 'vitest';
import { address, chunkIds, idPrefix, type ChunkFacts } from './address.ts';
import type { Chunk, ParsedDocument } from './types.ts';

const facts: ChunkFacts = { namespace: '', licence: null, sell: () => 'full', metadata: {} };
const parsed = (document: string, metadata = {}): ParsedDocument => ({
  document,
  uri: null,
  title: 'T',
  mediaType: 'text/plain',
  sha256: '0'.repeat(64),
  text: '',
  blocks: [],
  metadata,
});
const chunk = (text: string, start = 0): Chunk => ({
  text,
  context: 'T',
  headingPath: [],
  title: 'T',
  place: { start, end: start + text.length },
  ordinal: 0,
});
const idsOf = (texts: string[], metadata = {}, more: Partial<ChunkFacts> = {}) =>
  address(
    parsed('a.md', metadata),
    texts.map((text, at) => chunk(text, at)),
    [],
    { ...facts, ...more },
  ).added.map(({ id }) => id);

it('names chunks by what they say: place does not matter, repeats are numbered', () => {
  const [one, two, again] = idsOf(['one', 'two', 'one']);
  expect(idsOf(['new', 'one', 'two']).slice(1)).toEqual([one, two]);
  expect(one).toMatch(/^a\.md#[0-9a-f]{16}-0$/);
  expect(again).toBe(one!.replace(/0$/, '1'));
  expect(idsOf(['one'], { k: 1 })).not.toEqual([one]);
  expect(idsOf(['one'], {}, { sell: () => 'never' })).not.toEqual([one]);
  expect(idsOf(['one'], { a: 1, b: 2 })).toEqual(idsOf(['one'], { b: 2, a: 1 }));
});

it('finds what is new, what stays and what goes', () => {
  const [one, two] = idsOf(['one', 'two']);
  const result = address(parsed('a.md'), [chunk('two'), chunk('three')], [one!, two!], facts);
  expect(result).toMatchObject({ added: [{ text: 'three' }], unchanged: 1, removed: [one] });
});

it('takes no chunk of another document for its own', () => {
  const own = 'a#0123456789abcdef-0';
  expect(chunkIds('a', [own, 'a#b#0123456789abcdef-0', 'a#0123456789abcdef-0#0123456789abcdef-0', 'a#note'])).toEqual([own]);
  expect(idPrefix('x'.repeat(600))).toMatch(/^[0-9a-f]{64}#$/);
  expect(idPrefix('nul\0')).toMatch(/^[0-9a-f]{64}#$/);
});

it('refuses a document whose metadata cannot be stored', () => {
  expect(() => address(parsed('a.md', { $k: 1 }), [chunk('x')], [], facts)).toThrow(
    expect.objectContaining({ code: 'METADATA_INVALID' }),
  );
});
