// Trust files, witnesses, the client's own expectations, heads, and what a report lists as not proven.
import type { Bundle } from '@tributary/schemas';
import { describe, expect, test } from 'vitest';
import { ZERO_HASH } from '../src/bytes.ts';
import { makeTestBundle, addressOf } from './_bundle.ts';
import { MODEL, OWNER, buildIndex, seed, vectorOf } from './_index.ts';
import { WITNESSES, bundle, cosigned, everyone, file, trustOf, verify, vkey } from './_trust.ts';
import {
  checkEmbeddings,
  checkHead,
  createVerifierCaches,
  makeBundle,
  parseTrust,
  verifyAnswer,
  verifyBundle,
} from '../src/index.ts';
import { NOTE_ED25519 } from '../src/note/vkey.ts';
import { consistencyPath, hashLeaf, rootOf, utf8 } from '../src/primitives.ts';
import { type Expectations } from '../src/verify/types.ts';

describe('witnesses', () => {
  const trust = trustOf({ ...everyone, witnesses: WITNESSES.map((name) => vkey(name)), quorum: 2 });
  test.each<[string, string | null, Bundle]>([
    ['a quorum signed', null, cosigned(['a.example', 'c.example'])],
    ['too few signed', 'WITNESS_QUORUM', cosigned(['b.example'])],
    ['nobody signed', 'WITNESS_QUORUM', bundle],
    ['strangers signed', 'WITNESS_QUORUM', cosigned(['x.example', 'y.example'])],
    ['one signed twice', 'COSIGNATURE', cosigned(['a.example', 'a.example'], { listed: [vkey('a.example')] })],
    ['a line by a witness not listed', 'COSIGNATURE', cosigned(['a.example', 'b.example'], { listed: [vkey('a.example')] })],
    [
      'a witness listed who did not sign',
      'COSIGNATURE',
      cosigned(['a.example'], { listed: WITNESSES.map((name) => vkey(name)) }),
    ],
    ['a witness listed twice', 'COSIGNATURE', cosigned(['a.example'], { listed: [vkey('a.example'), vkey('a.example')] })],
    ['a plain key listed as a witness', 'COSIGNATURE', cosigned([], { listed: [vkey('a.example', NOTE_ED25519)] })],
    ['a malformed key', 'CHECKPOINT_FORMAT', cosigned([], { listed: ['a.example+00000000+AAAA'] })],
    ['a cosignature over another head', 'COSIGNATURE', transplanted()],
  ])('%s: %s', (_name, code, value) => {
    expect(verify(value, trust).failed?.code ?? null).toBe(code);
  });
});

/** A cosignature that the witness gave to another checkpoint. */
function transplanted(): Bundle {
  const elsewhere = cosigned(['a.example'], { base: makeTestBundle({ index: buildIndex({ live: 38 }) }) });
  const line = elsewhere.log.slice(elsewhere.log.lastIndexOf('\u2014'));
  return { ...bundle, log: bundle.log + line, witnesses: [vkey('a.example')] };
}

describe('expectations of the client', () => {
  const { receipt } = bundle;
  test.each<[string, string | null, Expectations]>([
    ['the same request', null, { request: bundle.request }],
    ['another nonce', 'REQUEST_MISMATCH', { request: { ...bundle.request, nonce: bundle.request.nonce.toLowerCase() } }],
    ['the same ticket', null, { ticketId: receipt.ticket }],
    ['another ticket', 'RECEIPT_MISMATCH', { ticketId: 'A'.repeat(22) }],
    ['another offer', 'OFFER_MISMATCH', { offer: ZERO_HASH }],
    ['its own model', null, { model: MODEL }],
    ['another model', 'MODEL_MISMATCH', { model: ZERO_HASH }],
    ['a cap that fits', null, { maxCharge: receipt.charge }],
    ['a cap exceeded', 'RECEIPT_CHARGE', { maxCharge: '156' }],
  ])('%s: %s', (_name, code, expected) => {
    expect(verifyBundle(file, { expected }).failed?.code ?? null).toBe(code);
  });
});

describe('the hot path', () => {
  test('known writes may be left out, and lines of unknown witnesses are ignored', () => {
    const caches = createVerifierCaches();
    const parts = { ...cosigned(['x.example'], { listed: [] }), response: utf8(bundle.response) };
    expect(() => verifyAnswer({ ...parts, writes: [] }, { caches })).toThrow(expect.objectContaining({ code: 'WRITE_MISSING' }));
    const first = verifyAnswer(parts, { caches });
    const second = verifyAnswer({ ...parts, writes: [] }, { caches });
    expect(second).toEqual(first);
    expect(caches.writes.size).toBe(bundle.writes.length);
    expect(makeBundle({ ...parts, writes: [] }, second)).toEqual(bundle);
  });

  test('caches do not vouch for other signatures', () => {
    const caches = createVerifierCaches();
    verifyAnswer(bundle, { caches });
    const signature = 'A'.repeat(86);
    const refused = (changes: Partial<Bundle>, code: string) =>
      expect(() => verifyAnswer({ ...bundle, ...changes }, { caches })).toThrow(expect.objectContaining({ code }));
    refused({ identity: { ...bundle.identity, signature } }, 'IDENTITY_SIGNATURE');
    refused({ offer: { ...bundle.offer, signature: '00'.repeat(65) } }, 'OFFER_SIGNATURE');
    refused({ log: bundle.log.replace('\n4\n', '\n5\n') }, 'CHECKPOINT_SIGNATURE');
    refused({ writes: [{ ...bundle.writes[0]!, signature }] }, 'WRITE_SIGNATURE');
  });

  test('a bundle made from parts keeps the witnesses that signed', () => {
    const parts = cosigned(['x.example', 'a.example'], { listed: WITNESSES.map((name) => vkey(name)) });
    const made = makeBundle(parts, verifyAnswer(parts));
    expect(made.witnesses).toEqual([vkey('a.example')]);
    expect(verify(made)).toMatchObject({ ok: true });
  });

  test('witnesses of the trust file need not be listed beside the answer', () => {
    const trust = trustOf({ witnesses: WITNESSES.map((name) => vkey(name)), quorum: 2 });
    const parts = cosigned(['a.example', 'x.example', 'b.example'], { listed: [] });
    const verified = verifyAnswer(parts, { trust });
    expect(verified.notProven).not.toContain('witnessed');
    expect(verify(makeBundle(parts, verified), trust)).toMatchObject({ ok: true });
    expect(() => verifyAnswer(bundle, { trust })).toThrow(expect.objectContaining({ code: 'WITNESS_QUORUM' }));
  });
});

describe('heads of a log', () => {
  const leaves = ['m0', 'm1', 'm2', 'm3', 'm4'].map((text) => hashLeaf(utf8(text)));
  const head = (size: number, list = leaves) => ({ origin: 'tributary/x', size, root: rootOf(list.slice(0, size)) });
  const forked = leaves.with(1, hashLeaf(utf8('other')));
  test('first, same and extending heads are accepted', () => {
    expect(checkHead(null, head(3))).toBe(true);
    expect(checkHead(head(3), head(3))).toBe(false);
    expect(checkHead(head(3), head(5), consistencyPath(leaves, 3))).toBe(true);
  });
  test.each<[string, () => unknown]>([
    ['HEAD_ROLLBACK', () => checkHead(head(3), head(2))],
    ['HEAD_FORK', () => checkHead(head(3), head(3, forked))],
    ['HEAD_CONSISTENCY', () => checkHead(head(3), head(5))],
    ['HEAD_CONSISTENCY', () => checkHead(head(3), head(5, forked), consistencyPath(forked, 3))],
    ['CHECKPOINT_ORIGIN', () => checkHead(head(3), { ...head(3), origin: 'tributary/y' })],
  ])('%s', (code, compare) => {
    expect(compare).toThrow(expect.objectContaining({ code }));
  });
});

describe('trust files', () => {
  test('any white space, no other members, no malformed keys', () => {
    const trust = trustOf({ ...everyone, witnesses: [vkey('a.example')], quorum: 1 });
    expect(parseTrust(JSON.stringify(trust, null, '\t'))).toEqual(trust);
    const { witnesses, quorum, ...short } = trustOf(everyone);
    expect(parseTrust(JSON.stringify(short))).toEqual({ ...short, witnesses, quorum });
    const wrong = [
      '',
      '{}',
      JSON.stringify({ ...trust, other: 1 }),
      JSON.stringify({ ...trust, signers: ['did:key:z6Mk'] }),
      JSON.stringify({ ...trust, payees: [addressOf(seed('payee')).toUpperCase()] }),
      JSON.stringify({ ...trust, witnesses: [vkey('a.example', NOTE_ED25519)] }),
      JSON.stringify({ ...trust, witnesses: ['x'] }),
      JSON.stringify({ ...trust, quorum: 2 }),
      JSON.stringify({ ...trust, signers: [OWNER, OWNER] }),
      JSON.stringify({ ...trust, witnesses: [...trust.witnesses, ...trust.witnesses], quorum: 2 }),
      JSON.stringify({ ...trust, witnesses: [vkey('a.example'), vkey('other.name', 4, 'a.example')], quorum: 2 }),
      JSON.stringify(trust).replace('"logs"', '"logs":[],"logs"'),
      JSON.stringify(trust).replace('{', '{"quorum":0,'),
      JSON.stringify(trust).replace('{', '{"__proto__":{"signers":[]},'),
    ];
    for (const text of wrong) expect(() => parseTrust(text), text).toThrow(expect.objectContaining({ code: 'TRUST_FILE' }));
  });
});

test('re-embedding is advice: what agrees is removed from the list of what is not proven', async () => {
  const verified = verifyAnswer(makeTestBundle({ mode: 'dense', request: (request) => ({ ...request, vector: null }) }));
  const numberOf = (text: string) => /Passage (\d+)/.exec(text)?.[1];
  const embed = async (texts: readonly string[]) =>
    texts.map((text) => (numberOf(text) === undefined ? vectorOf('question') : vectorOf(`record ${numberOf(text)}`)));
  const agreed = await checkEmbeddings(verified, { model: MODEL, embed });
  expect(agreed.passages).toBeCloseTo(1, 6);
  expect(agreed.notProven).toEqual(['completeness', 'author', 'servedAt', 'witnessed', 'fresh']);
  const other = await checkEmbeddings(verified, { model: MODEL, embed: async (texts) => texts.map(() => vectorOf('x')) });
  expect(other.notProven).toEqual(verified.notProven);
  expect(await checkEmbeddings(verified, { model: ZERO_HASH, embed })).toEqual({
    passages: null,
    query: null,
    notProven: verified.notProven,
  });
});
