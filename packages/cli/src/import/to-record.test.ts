import { describe, expect, it } from 'vitest';
import { toRecord, type Rules } from './to-record.ts';
import type { SourceRecord } from './types.ts';

const rules: Rules = { dimension: 2, metric: 'cosine', vectors: 'dense', embed: false, textField: null };
const given: SourceRecord = { id: 'a', vector: Float32Array.of(1, 2), text: null, metadata: { year: 2026, text: 'storks' } };
const reason = (changes: Partial<SourceRecord>, changed: Partial<Rules> = {}) => {
  const outcome = toRecord({ ...given, ...changes }, { ...rules, ...changed });
  return 'refused' in outcome ? outcome.refused.reason : outcome.record;
};

describe('a record of a source', () => {
  it('has its vector to the bit', () => {
    expect(reason({})).toEqual({ id: 'a', vector: 'AACAPwAAAEA', metadata: given.metadata });
  });
  it('takes its text from a member of the metadata', () => {
    expect(reason({}, { textField: 'text' })).toMatchObject({ text: 'storks', metadata: { year: 2026 } });
    expect(reason({ text: 'apart' }, { textField: 'year' })).toMatchObject({ text: 'apart', metadata: given.metadata });
  });
  it('goes without its vector where the node embeds', () => {
    expect(reason({ text: 'x', metadata: {} }, { embed: true })).toEqual({ id: 'a', text: 'x' });
    expect(reason({}, { embed: true })).toBe('it has no text that could be embedded');
  });
  it('may have only zeros, but not for cosine', () => {
    expect(reason({ vector: new Float32Array(2) }, { metric: 'dotproduct' })).toMatchObject({ vector: 'AAAAAAAAAAA' });
    expect(reason({ vector: new Float32Array(2) })).toContain('only zeros');
  });
  it.each<[string, Partial<SourceRecord>, string]>([
    ['no vector', { vector: null }, 'no vector'],
    ['another dimension', { vector: Float32Array.of(1) }, '1 components instead of 2'],
    ['an infinite component', { vector: Float32Array.of(1, Infinity) }, 'not a finite'],
    ['an empty id', { id: '' }, 'id '],
    ['a long id', { id: 'x'.repeat(513) }, 'id '],
    ['NUL in the id', { id: 'a\0' }, 'NUL'],
    ['half a surrogate pair', { text: '\ud800' }, 'surrogates'],
    ['too many bytes of metadata', { metadata: { a: 'x'.repeat(40_960) } }, '40960 bytes'],
    ['a name with a dollar', { metadata: { $a: 1 } }, "'$'"],
    ['the name __proto__', { metadata: JSON.parse('{"__proto__": 1}') }, '__proto__'],
  ])('is refused with %s', (_, changes, message) => {
    expect(reason(changes)).toEqual(expect.stringContaining(message));
  });
});
