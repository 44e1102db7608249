// Whose writes an index has: the owner's, and those of writers to whom the owner had delegated when they wrote.
import type { Bundle } from '@tributary/schemas';
import { expect, test } from 'vitest';
import { serializeBundle } from '../src/bundle.ts';
import { makeBundle, verifyAnswer, verifyBundle } from '../src/index.ts';
import { TAG_WRITE } from '../src/statements.ts';
import { makeTestBundle } from './_bundle.ts';
import { seed } from './_index.ts';
import { OWNER, WRITER, delegatedBundle, delegation, listOf } from './_writers.ts';

const codeOf = (bundle: Bundle) => verifyBundle(serializeBundle(bundle)).failed?.code ?? 'ok';
const withDelegations = (...writers: object[]) => codeOf(delegatedBundle(listOf(writers)));

test('each result names who signed it, and whether the provider held the key', () => {
  const { ok, trusted, facts, unpinned, verified } = verifyBundle(serializeBundle(delegatedBundle(listOf([delegation()]))));
  expect({ ok, trusted, signers: facts?.signers.toSorted() }).toEqual({
    ok: true,
    trusted: false,
    signers: [OWNER, WRITER].toSorted(),
  });
  expect(unpinned).toContainEqual({ code: 'SIGNER_UNPINNED', key: WRITER });
  const written = verified!.writes.map(({ statement }) => [statement.sequence > 1, statement.signer, statement.custody]);
  expect(new Set(written.map(String))).toEqual(new Set([`false,${OWNER},self`, `true,${WRITER},provider`]));
});

test.each([
  ['ok', [delegation()]],
  ['ok', [delegation({ from: 1, until: 4 })]],
  ['ok', [delegation({ from: 1, until: 2 }), delegation({ from: 2 })]],
  ['ok', [delegation({ namespace: 'drafts' }), delegation()]],
  ['WRITER_REVOKED', [delegation({ until: 2 })]],
  ['WRITER_REVOKED', [delegation({ from: 1, until: 1 })]],
  ['WRITER_REVOKED', [delegation({ from: 1, until: 2 }), delegation({ from: 4 })]],
  ['WRITER_NOT_DELEGATED', [delegation({ from: 4 })]],
  ['WRITER_NOT_DELEGATED', []],
  ['WRITER_SCOPE', [delegation({ namespace: 'drafts' })]],
  ['WRITER_SCOPE', [delegation({ from: 1, until: 2 }), delegation({ namespace: 'd' })]],
] as const)('%s: %j', (code, writers) => {
  expect(withDelegations(...writers)).toBe(code);
});

test('a writer whose delegation ended keeps what it wrote before', () => {
  expect(codeOf(delegatedBundle(listOf([delegation({ until: 4 })])))).toBe('ok');
  expect(codeOf(delegatedBundle(listOf([delegation({ until: 3 })]), undefined, { topK: 20 }))).toBe('WRITER_REVOKED');
});

test('nobody but the owner and the writers of the list', () => {
  const list = listOf([delegation()]);
  expect(codeOf(delegatedBundle(list, list, { by: seed('stranger') }))).toBe('WRITER_NOT_DELEGATED');
  expect(codeOf(delegatedBundle(null))).toBe('WRITER_NOT_DELEGATED');
});

test('the list is the one that the manifest names, of this index, by its owner, and there only if it is needed', () => {
  const list = listOf([delegation()]);
  const other = listOf([delegation({ from: 1 })]);
  expect(codeOf(delegatedBundle(list, null))).toBe('WRITERS_MISMATCH');
  expect(codeOf(delegatedBundle(list, other))).toBe('WRITERS_MISMATCH');
  expect(codeOf(delegatedBundle(null, list))).toBe('WRITERS_MISMATCH');
  const elsewhere = listOf([delegation()], { index: `lakes@${'1f'.repeat(16)}` });
  expect(codeOf(delegatedBundle(elsewhere))).toBe('WRITERS_MISMATCH');
  expect(codeOf({ ...makeTestBundle(), writers: { body: list.body, signature: list.signature } })).toBe('WRITERS_MISMATCH');
  expect(codeOf(delegatedBundle(listOf([delegation()], { key: seed('stranger') })))).toBe('WRITERS_SIGNATURE');
  expect(codeOf(delegatedBundle({ ...list, signature: listOf([delegation()], { tag: TAG_WRITE }).signature }))).toBe(
    'WRITERS_SIGNATURE',
  );
});

test.each<[string, object[]]>([
  ['the owner is in it', [delegation({ writer: OWNER })]],
  ['it ends before it begins', [delegation({ from: 3, until: 2 })]],
  ['it is out of order', [delegation({ from: 3 }), delegation({ from: 2 })]],
  ['it begins with write 0', [delegation({ from: 0 })]],
  ['it has an unknown member', [{ ...delegation(), note: '' }]],
  ['it has too many', Array.from({ length: 129 }, () => delegation())],
])('a list is refused when %s', (_, writers) => {
  expect(withDelegations(...writers)).toBe('WRITERS_SHAPE');
});

test('over a link the list comes with every snapshot; a bundle takes it along when it is needed', () => {
  const list = listOf([delegation()]);
  const bundle = delegatedBundle(list);
  const parts = { ...bundle, writers: { body: list.body, signature: list.signature } };
  const made = makeBundle(parts, verifyAnswer(parts));
  expect(made.writers).toEqual(bundle.writers);
  expect(codeOf(made)).toBe('ok');
  const own = { ...makeTestBundle(), writers: bundle.writers };
  expect(makeBundle(own, verifyAnswer(own)).writers).toBeUndefined();
});
