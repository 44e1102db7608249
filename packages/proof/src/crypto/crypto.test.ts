import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex, utf8 } from '../bytes.ts';
import * as browser from './browser.ts';
import * as node from './node.ts';
import type { Crypto } from './types.ts';

const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
const data = fc.uint8Array({ maxLength: 300 });
const few = { numRuns: 25 };
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

describe.each<[string, Crypto]>([
  ['node', node],
  ['browser', browser],
])('%s', (_, crypto) => {
  it('hashes as the published examples say (FIPS 180-4, RFC 4231, Ethereum)', () => {
    expect(toHex(crypto.sha256(utf8('abc')))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect(toHex(crypto.sha256(new Uint8Array()))).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(toHex(crypto.hmacSha256(utf8('Jefe'), utf8('what do ya want for nothing?')))).toBe(
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    );
    expect(toHex(crypto.keccak256(new Uint8Array()))).toBe('c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470');
  });

  it('signs as RFC 8032 §7.1 test 2 says', () => {
    const seed = fromHex('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb');
    const signature = crypto.ed25519Sign(seed, Uint8Array.of(0x72));
    expect(toHex(crypto.ed25519PublicKey(seed))).toBe('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c');
    expect(toHex(signature)).toBe(
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
    );
    expect(crypto.ed25519Verify(crypto.ed25519PublicKey(seed), Uint8Array.of(0x72), signature)).toBe(true);
    expect(crypto.ed25519Verify(crypto.ed25519PublicKey(seed), Uint8Array.of(0x73), signature)).toBe(false);
  });

  it('refuses keys and signatures of a wrong length, and keys that are no canonical point', () => {
    const seed = new Uint8Array(32).fill(5);
    const [key, signature] = [crypto.ed25519PublicKey(seed), crypto.ed25519Sign(seed, key0)];
    expect(crypto.ed25519Verify(key, key0, signature)).toBe(true);
    expect(crypto.ed25519Verify(key.subarray(1), key0, signature)).toBe(false);
    expect(crypto.ed25519Verify(key, key0, signature.subarray(1))).toBe(false);
    expect(crypto.ed25519Verify(new Uint8Array(32).fill(0xff), key0, signature)).toBe(false);
    expect(crypto.ed25519Verify(new Uint8Array(32).fill(2), key0, signature)).toBe(false);
  });

  it('recovers secp256k1 keys from low signatures only', () => {
    fc.assert(
      fc.property(bytes32, bytes32, (key, digest) => {
        fc.pre(key.some((byte) => byte !== 0) && key[0]! < 0xff);
        const { signature } = crypto.secp256k1Sign(key, digest);
        const publicKey = crypto.secp256k1PublicKey(key);
        expect(crypto.secp256k1Recover(digest, signature)).toEqual(publicKey);
        expect(crypto.secp256k1Recover(digest, highForm(signature))).toBeNull();
        for (const v of [0, 1, 26, 29]) expect(crypto.secp256k1Recover(digest, withV(signature, v))).toBeNull();
        expect(crypto.secp256k1Recover(digest, withV(signature, 55 - signature[64]!))).not.toEqual(publicKey);
      }),
      few,
    );
  });

  it('recovers nothing from r or s of zero, r beyond the order, or other lengths', () => {
    const { signature } = crypto.secp256k1Sign(new Uint8Array(32).fill(1), new Uint8Array(32).fill(7));
    const digest = new Uint8Array(32).fill(7);
    const withPart = (at: number, byte: number) => new Uint8Array(signature).fill(byte, at, at + 32);
    expect(crypto.secp256k1Recover(digest, withPart(0, 0))).toBeNull();
    expect(crypto.secp256k1Recover(digest, withPart(32, 0))).toBeNull();
    expect(crypto.secp256k1Recover(digest, withPart(0, 0xff))).toBeNull();
    expect(crypto.secp256k1Recover(digest, signature.subarray(0, 64))).toBeNull();
    expect(crypto.secp256k1Recover(digest.subarray(1), signature)).toBeNull();
    expect(() => crypto.secp256k1PublicKey(new Uint8Array(32))).toThrow();
  });
});
const key0 = utf8('message');

describe('both implementations', () => {
  it('agree on hashes, whatever the length', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5_000 }), data, (a, b) => {
        expect(node.sha256(a)).toEqual(browser.sha256(a));
        expect(node.sha256Parts(a, b, a)).toEqual(browser.sha256Parts(a, b, a));
        expect(node.keccak256(a)).toEqual(browser.keccak256(a));
        expect(node.hmacSha256(b, a)).toEqual(browser.hmacSha256(b, a));
        expect(toHex(node.hmacSha256(b, a))).toBe(createHmac('sha256', b).update(a).digest('hex'));
      }),
    );
  });

  it('agree on whether bytes hold others', () => {
    const byte = fc.uint8Array({ minLength: 1, maxLength: 8, max: 1 });
    fc.assert(
      fc.property(byte, fc.nat(9), byte, (bytes, at, part) => {
        const holds = Buffer.from(bytes).indexOf(part, at) === at;
        expect([node.holdsAt(bytes, at, part), browser.holdsAt(bytes, at, part)]).toEqual([holds, holds]);
      }),
    );
  });

  it('make the same signatures and the same verdicts on altered ones', () => {
    fc.assert(
      fc.property(bytes32, data, fc.nat(63), fc.nat(255), (seed, message, at, byte) => {
        const signature = node.ed25519Sign(seed, message);
        const publicKey = node.ed25519PublicKey(seed);
        expect(browser.ed25519Sign(seed, message)).toEqual(signature);
        expect(browser.ed25519PublicKey(seed)).toEqual(publicKey);
        const altered = signature.with(at, byte);
        const unaltered = altered[at] === signature[at];
        expect(node.ed25519Verify(publicKey, message, altered)).toBe(unaltered);
        expect(browser.ed25519Verify(publicKey, message, altered)).toBe(unaltered);
      }),
      few,
    );
    fc.assert(
      fc.property(bytes32, bytes32, (key, digest) => {
        fc.pre(key.some((b) => b !== 0) && key[0]! < 0xff);
        expect(node.secp256k1Sign(key, digest)).toEqual(browser.secp256k1Sign(key, digest));
        expect(node.secp256k1PublicKey(key)).toEqual(browser.secp256k1PublicKey(key));
      }),
      few,
    );
  });

  it('agree on recovery from random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 64, maxLength: 64 }), fc.constantFrom(27, 28), bytes32, (rs, v, digest) => {
        const signature = Uint8Array.from([...rs, v]);
        signature[32]! &= 0x7f;
        expect(node.secp256k1Recover(digest, signature)).toEqual(browser.secp256k1Recover(digest, signature));
      }),
      { numRuns: 50 },
    );
  });

  it('export the same names, and Node uses the native binding', () => {
    expect(Object.keys(node).sort()).toEqual(Object.keys(browser).sort());
    expect(node.secp256k1Backend).toBe('native');
  });
});

function withV(signature: Uint8Array, v: number): Uint8Array {
  return signature.with(64, v);
}

/** The other valid form of the signature: n - s, and the other v. */
function highForm(signature: Uint8Array): Uint8Array {
  const s = ORDER - BigInt(`0x${toHex(signature.subarray(32, 64))}`);
  const out = withV(signature, 55 - signature[64]!);
  out.set(fromHex(s.toString(16).padStart(64, '0')), 32);
  return out;
}
