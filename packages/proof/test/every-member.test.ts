// A provider can sign anything. Every single member of an answer and of a receipt is changed and signed again. Only the
// members listed here pass, because nothing else in the bundle determines them.
import { expect, test } from 'vitest';
import type { QueryMode } from '@tributary/schemas';
import { makeTestBundle, requestOf, type Alterations } from './_bundle.ts';
import { wholeOf } from './_whole.ts';
import { buildIndex } from './_index.ts';
import { leavesOf, variants, withChange, type Json } from './_members.ts';
import { serializeBundle, verifyBundle } from '../src/index.ts';

const index = buildIndex();
/** Paths of members that can be changed without any check failing. */
function unchecked<T>(honest: T, options: object, alter: (change: (value: T) => T) => Alterations): string[] {
  const passed = new Set<string>();
  // The name of a record follows from it.
  for (const path of leavesOf(honest as Json).filter((one) => one.at(-1) !== 'record')) {
    const value = path.reduce<Json>((at, key) => (at as Record<string | number, Json>)[key]!, honest as Json);
    for (const to of variants(value).filter((other) => other !== value)) {
      const bundle = () =>
        serializeBundle(makeTestBundle({ index, ...options, ...alter((current) => withChange(current, path, to)) }));
      if (accepted(bundle)) passed.add(path.join('.'));
    }
  }
  return [...passed];
}

/** False also when the change cannot even be written as a bundle. */
function accepted(make: () => string): boolean {
  let file: string;
  try {
    file = make();
  } catch {
    return false;
  }
  return verifyBundle(file).ok;
}

test.each<[QueryMode, boolean, string[]]>([
  ['hybrid', true, []],
  ['hybrid', false, []],
  ['dense', true, []],
  ['bm25', true, []],
])('answer in mode %s, vector sent: %s', { timeout: 120_000 }, (mode, sent, expected) => {
  const request = () => ({ ...requestOf(mode), topK: 2, ...(sent ? {} : { vector: null, model: null }) });
  const honest = wholeOf(makeTestBundle({ index, request }));
  expect(unchecked(honest, { request }, (answer) => ({ answer }))).toEqual(expected);
});

test('receipt of a paid answer', () => {
  const { signature, ...honest } = makeTestBundle({ index }).receipt;
  expect(signature).toHaveLength(130);
  // The wallet checks number, total and predecessor against the receipts of its channel: RECEIPT_CHAIN.
  const passed = unchecked(honest, {}, (receipt) => ({ receipt }));
  expect(passed).toEqual(['sequence', 'chargedTotal', 'servedAt', 'previous']);
});

test('receipt of a free answer', () => {
  const { signature, ...honest } = makeTestBundle({ index, free: true }).receipt;
  expect(signature).toHaveLength(130);
  // Only the client knows the ticket id of a free answer, and can expect it.
  expect(unchecked(honest, { free: true }, (receipt) => ({ receipt }))).toEqual(['ticket', 'servedAt']);
});
