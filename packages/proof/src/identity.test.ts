import { ed25519 } from '@noble/curves/ed25519.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ed25519PublicKey, secp256k1PublicKey } from '#crypto';
import { fromHex, toHex } from './bytes.ts';
import {
  addressFromPublicKey,
  didFromPublicKey,
  fingerprint,
  indexIdOwnerMatches,
  logOrigin,
  makeIndexId,
  publicKeyFromDid,
} from './identity.ts';

const owner = ed25519PublicKey(new Uint8Array(32).fill(1));
const didKey = expect.objectContaining({ code: 'DID_KEY' });

describe('did:key', () => {
  it('is that of the W3C did:key examples', () => {
    const did = 'did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp';
    expect(toHex(publicKeyFromDid(did))).toBe('3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29');
    expect(didFromPublicKey(publicKeyFromDid(did))).toBe(did);
  });

  it('survives a round trip for every key', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (seed) => {
        const key = ed25519PublicKey(seed);
        expect(publicKeyFromDid(didFromPublicKey(key))).toEqual(key);
      }),
      { numRuns: 20 },
    );
  });

  it('is refused when its text is altered in any place', () => {
    const did = didFromPublicKey(owner);
    for (const text of [
      '',
      did.slice(1),
      `${did}1`,
      did.slice(0, -1),
      did.replace('z6Mk', 'z6Ml'),
      did.toUpperCase(),
      `${did}#x`,
    ])
      expect(() => publicKeyFromDid(text)).toThrow(didKey);
    for (const digit of ['0', 'O', 'I', 'l', '+']) expect(() => publicKeyFromDid(did.slice(0, -1) + digit)).toThrow(didKey);
  });

  it('is refused for keys of low order, with a torsion part, off the curve, or not canonical', () => {
    const { Point } = ed25519;
    const torsion = Point.fromHex('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a');
    const mixed = Point.fromBytes(owner).add(torsion).toBytes();
    const notCanonical = fromHex('edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f');
    const offCurve = fromHex('0200000000000000000000000000000000000000000000000000000000000000');
    for (const key of [Point.ZERO.toBytes(), torsion.toBytes(), mixed, notCanonical, offCurve])
      expect(() => publicKeyFromDid(didFromPublicKey(key))).toThrow(didKey);
  });

  it('is not made of other lengths', () => {
    expect(() => didFromPublicKey(new Uint8Array(31))).toThrow(TypeError);
  });
});

describe('index ids', () => {
  it('name the index and its owner', () => {
    const id = makeIndexId('field-notes', owner);
    expect(id).toBe(`field-notes@${fingerprint(owner)}`);
    expect(fingerprint(owner)).toMatch(/^[0-9a-f]{32}$/);
    expect(logOrigin(id)).toBe(`tributary/${id}`);
    expect(indexIdOwnerMatches(id, didFromPublicKey(owner))).toBe(true);
    expect(indexIdOwnerMatches(id, didFromPublicKey(ed25519PublicKey(new Uint8Array(32).fill(2))))).toBe(false);
    expect(() => indexIdOwnerMatches(id, 'did:key:nobody')).toThrow(didKey);
  });
  it.each(['', 'A', '-a', 'a-', 'a@b', 'x'.repeat(46)])('refuse the name %j', (name) => {
    expect(() => makeIndexId(name, owner)).toThrow(TypeError);
  });
});

it('the address of a secp256k1 key is that of EVM chains', () => {
  const key = fromHex('ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80');
  expect(addressFromPublicKey(secp256k1PublicKey(key))).toBe('0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266');
  expect(() => addressFromPublicKey(new Uint8Array(65))).toThrow(TypeError);
});
