// Which keys the trust file lists, and that unlisted keys decide.
import type { ProviderIdentity, Trust } from '@tributary/schemas';
import { describe, expect, test } from 'vitest';
import { SERVED_AT, addressOf, makeTestBundle, payeeKey } from './_bundle.ts';
import { INDEX, OWNER, seed } from './_index.ts';
import { bundle, everyone, file, trustOf, verify } from './_trust.ts';
import { checkPins, verifyAnswer, verifyBundle } from '../src/index.ts';
import { ed25519PublicKey } from '../src/primitives.ts';
import { makeIndexId } from '../src/statements.ts';
import { unpinnedKeys, type PinSubject } from '../src/verify/pins.ts';

describe('pinning', () => {
  test('without a trust file nothing is pinned, and the report is not a plain OK', () => {
    expect(verifyBundle(file)).toMatchObject({ ok: true, trusted: false, pinned: { signers: false, log: false, payee: false } });
  });

  test('every key must be listed', () => {
    expect(verify(bundle, trustOf(everyone))).toMatchObject({
      ok: true,
      trusted: true,
      pinned: { signers: true, log: true, payee: true },
    });
    for (const missing of ['signers', 'logs', 'payees'] as const) {
      expect(verify(bundle, trustOf({ ...everyone, [missing]: [] })), missing).toMatchObject({ ok: true, trusted: false });
    }
  });

  test('what an answer does not have needs no pin', () => {
    const free = makeTestBundle({ free: true, request: (request) => ({ ...request, filter: { year: 1 } }) });
    expect(verify(free, trustOf({ logs: [OWNER] }))).toMatchObject({
      trusted: true,
      pinned: { signers: null, log: true, payee: null },
    });
  });

  test('the report names what it verified', () => {
    expect(verifyBundle(file).facts).toMatchObject({
      provider: OWNER,
      signers: [OWNER],
      payee: addressOf(seed('payee')),
      results: 5,
      status: 'ok',
      snapshot: 3,
      charge: '157',
      unit: 'credit',
      servedAt: SERVED_AT,
    });
  });
});

describe('pins that decide', () => {
  const paying = { identity: JSON.parse(bundle.identity.body) as ProviderIdentity, index: INDEX };
  const payee = addressOf(payeeKey);
  const codes = (trust: Trust | undefined, subject: PinSubject = paying) => unpinnedKeys(trust, subject).map(({ code }) => code);

  test('log and payee are refused before anything is paid', () => {
    expect(() => checkPins(trustOf(everyone), paying)).not.toThrow();
    expect(codes(undefined)).toEqual(['LOG_UNPINNED', 'PAYEE_UNPINNED']);
    expect(codes(trustOf({ payees: [payee] }))).toEqual(['LOG_UNPINNED']);
    expect(codes(trustOf({ logs: [OWNER] }))).toEqual(['PAYEE_UNPINNED']);
    expect(codes(trustOf({ logs: [OWNER] }), { ...paying, paid: false })).toEqual([]);
    for (const [code, trust] of [
      ['LOG_UNPINNED', trustOf({ payees: [payee] })],
      ['PAYEE_UNPINNED', trustOf({ logs: [OWNER] })],
    ] as const)
      expect(() => checkPins(trust, paying)).toThrow(expect.objectContaining({ code }));
  });

  test('a pinned owner does not vouch for the index of another', () => {
    const foreign = makeIndexId('rivers', ed25519PublicKey(seed('attacker')));
    expect(codes(trustOf(everyone), { ...paying, index: foreign })).toEqual(['LOG_UNPINNED']);
    expect(codes(trustOf(everyone), { ...paying, index: 'rivers' })).toEqual(['LOG_UNPINNED']);
  });

  test.each([
    ['LOG_UNPINNED', 'logs', OWNER],
    ['PAYEE_UNPINNED', 'payees', payee],
    ['SIGNER_UNPINNED', 'signers', OWNER],
  ] as const)('%s: the report names the key, and required pins are refused', (code, member, key) => {
    const trust = trustOf({ ...everyone, [member]: [] });
    expect(verify(bundle, trust)).toMatchObject({ ok: true, trusted: false, unpinned: [{ code, key }] });
    const { ok, failed } = verifyBundle(file, { trust, requirePins: true });
    expect({ ok, failed }).toEqual({ ok: false, failed: { code, message: expect.stringContaining(key) } });
    expect(() => verifyAnswer(bundle, { trust, requirePins: true })).toThrow(expect.objectContaining({ code }));
  });

  test('without a trust file, required pins are refused; with all keys listed they pass', () => {
    expect(verifyBundle(file, { requirePins: true }).failed?.code).toBe('LOG_UNPINNED');
    expect(verifyBundle(file, { requirePins: true, trust: trustOf(everyone) })).toMatchObject({ ok: true, unpinned: [] });
  });
});
