import { describe, expect, it } from 'vitest';
import { CannotHold, toMetadata } from './metadata.ts';

describe('metadata of other stores', () => {
  it('stay as they are when they fit', () => {
    const fields = { text: 'a', number: 1.5, yes: true, tags: ['a', 'b'], none: [] };
    expect(toMetadata(fields)).toEqual({ metadata: fields, changed: false });
  });
  it('are flattened with dots; null is left out and other lists become JSON', () => {
    expect(toMetadata({ a: { b: { c: 1 }, d: null }, e: null, f: [1, { g: 2 }], h: {} })).toEqual({
      metadata: { 'a.b.c': 1, f: '[1,{"g":2}]' },
      changed: true,
    });
  });
  it('have dates as text and large integers as numbers where they are exact', () => {
    const { metadata } = toMetadata({ at: new Date('2026-11-29T00:00:00Z'), size: 9n });
    expect(metadata).toEqual({ at: '2026-11-29T00:00:00.000Z', size: 9 });
  });
  it.each([
    ['a name that comes twice once flat', { 'a.b': 1, a: { b: 2 } }],
    ['an integer beyond 2^53', { a: 2 ** 53 }],
    ['such a bigint', { a: 2n ** 60n }],
    ['an infinite number', { a: Infinity }],
    ['a date that is none', { a: new Date(Number.NaN) }],
    ['bytes', { a: new Uint8Array(3) }],
    ['a bigint in a list', { a: [1n] }],
    ['deep nesting', JSON.parse(`${'{"a":'.repeat(80)}1${'}'.repeat(80)}`)],
  ])('are refused for %s', (_, fields) => {
    expect(() => toMetadata(fields)).toThrow(CannotHold);
  });
});
