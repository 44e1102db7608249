import type { Manifest, ProviderIdentity, SignedIdentity, SignedStatement, WriteStatement } from '@tributary/schemas';
import { describe, expect, it } from 'vitest';
import { ed25519PublicKey, secp256k1PublicKey, sha256 } from '#crypto';
import { concat, toBase64url, toHex, utf8 } from '../bytes.ts';
import { TAG_IDENTITY, TAG_MANIFEST, TAG_WRITE } from '../domains.ts';
import { addressFromPublicKey, didFromPublicKey, makeIndexId } from '../identity.ts';
import { EMPTY_ROOT } from '../merkle/hash.ts';
import { signDigest } from '../payment/eip712.ts';
import { identityDigest, signIdentity } from './identity.ts';
import { readIdentity, readManifest, readWrite } from './read.ts';
import { modelDigest, signStatement, statementHash } from './sign.ts';

const code = (name: string) => expect.objectContaining({ code: name });
const seed = new Uint8Array(32).fill(1);
const publicKey = ed25519PublicKey(seed);
const did = didFromPublicKey(publicKey);
const otherSeed = new Uint8Array(32).fill(2);
const index = makeIndexId('notes', publicKey);
const zeros = '0'.repeat(64);
const some = 'ab'.repeat(32);
const sign = (tag: Uint8Array, statement: object, key = seed): SignedStatement => {
  const { body, signature } = signStatement(tag, statement, key);
  return { body, signature };
};

const write: WriteStatement = {
  v: 1,
  type: 'tributary/write',
  index,
  sequence: 1,
  previous: zeros,
  root: some,
  size: 3,
  signer: did,
  custody: 'self',
  author: null,
};
const manifest: Manifest = {
  v: 1,
  type: 'tributary/manifest',
  index,
  sequence: 1,
  previous: some,
  tree: { size: 3, root: some },
  live: 2,
  write: { sequence: 1, hash: some },
  model: some,
  dimension: 384,
  metric: 'cosine',
  time: 1_790_000_000_000,
  provider: did,
};
const payee = new Uint8Array(32).fill(3);
const address = addressFromPublicKey(secp256k1PublicKey(payee));
const identity: ProviderIdentity = {
  v: 1,
  type: 'tributary/identity',
  did,
  peerId: '12D3KooWExample',
  receiptSigner: address,
  payee: address,
  sequence: 0,
  issued: 1,
  expiry: 2,
};

describe('signing', () => {
  it('hashes tag and body', () => {
    const signed = signStatement(TAG_WRITE, write, seed);
    expect(signed.body).toBe(JSON.stringify(write));
    expect(signed.hash).toBe(toHex(sha256(concat(utf8('tributary/write/v1\n'), utf8(signed.body)))));
    expect(signed.hash).toBe(statementHash(TAG_WRITE, signed.body));
    expect(readWrite(signed)).toEqual({ statement: write, hash: signed.hash });
  });
  it('gives the model card its digest', () => {
    expect(modelDigest({ id: 'unspecified' })).toBe(toHex(sha256(utf8('tributary/model/v1\n{"id":"unspecified"}'))));
  });
});

describe('writes', () => {
  const shape: [string, object][] = [
    ['another version', { ...write, v: 2 }],
    ['another type', { ...write, type: 'tributary/manifest' }],
    ['an unknown member', { ...write, more: 1 }],
    ['a missing member', { ...write, author: undefined }],
    ['members in another order', reversed(write)],
    ['sequence 0', { ...write, sequence: 0 }],
    ['a first write with a previous hash', { ...write, previous: some }],
    ['a later write without a previous hash', { ...write, sequence: 2 }],
    ['no operations', { ...write, size: 0 }],
    ['too many operations', { ...write, size: 1_001 }],
    ['an upper-case digest', { ...write, root: some.toUpperCase() }],
    ['a fractional time', { ...write, time: 1.5 }],
    ['a sequence beyond 2^53', { ...write, sequence: 2 ** 53, previous: some }],
    ['another custody', { ...write, custody: 'shared' }],
  ];
  it.each(shape)('with %s are refused although signed', (_, statement) => {
    expect(() => readWrite(sign(TAG_WRITE, statement))).toThrow(code('WRITE_SHAPE'));
  });

  const { body, signature } = sign(TAG_WRITE, write);
  it.each([
    ['white space', body.replace(',', ', ')],
    ['a repeated member', body.replace('{', '{"v":1,')],
    ['another number form', body.replace('"size":3', '"size":3.0')],
    ['an escape that is not needed', body.replace('notes', '\\u006eotes')],
    ['a byte after the end', `${body}\n`],
    ['too many bytes', body.replace('"author":null', `"author":"${'a'.repeat(20_000)}"`)],
    ['no JSON', '{'],
  ])('spelt with %s are refused', (_, altered) => {
    expect(() => readWrite({ body: altered, signature })).toThrow(code('WRITE_SHAPE'));
  });

  it.each<[string, SignedStatement]>([
    ['an altered body', { body: body.replace('"size":3', '"size":4'), signature }],
    ["another key's signature", sign(TAG_WRITE, write, otherSeed)],
    ['a signature for another meaning', sign(TAG_MANIFEST, write)],
    ['a signature that is not base64url', { body, signature: `${signature.slice(0, -1)}=` }],
    ['a signature with stray bits', { body, signature: `${signature.slice(0, -1)}B` }],
    ['a short signature', { body, signature: toBase64url(new Uint8Array(63)) }],
    ['a signer of low order', lowOrderSigner()],
  ])('with %s are refused', (_, signed) => {
    expect(() => readWrite(signed)).toThrow(code('WRITE_SIGNATURE'));
  });
});

describe('manifests', () => {
  const read = (value: object) => readManifest(JSON.stringify(value));
  const empty: Manifest = {
    ...manifest,
    sequence: 0,
    previous: zeros,
    tree: { size: 0, root: toHex(EMPTY_ROOT) },
    live: 0,
    write: { sequence: 0, hash: zeros },
  };
  it('are read with their hash', () => {
    const hash = statementHash(TAG_MANIFEST, JSON.stringify(manifest));
    expect(read(manifest)).toEqual({ manifest, hash });
    expect(read(empty).manifest).toEqual(empty);
  });
  it.each<[string, object]>([
    ['members in another order', { ...manifest, tree: { root: some, size: 3 } }],
    ['an unknown member', { ...manifest, tree: { size: 3, root: some, depth: 2 } }],
    ['more live records than slots', { ...manifest, live: 4 }],
    ['a first one that follows another', { ...empty, previous: some }],
    ['a later one that follows none', { ...manifest, previous: zeros }],
    ['a first one with records', { ...manifest, sequence: 0, previous: zeros }],
    ['a wrong root of the empty tree', { ...empty, tree: { size: 0, root: some } }],
    ['a write hash without a write', { ...empty, write: { sequence: 0, hash: some } }],
    ['a write without its hash', { ...manifest, write: { sequence: 1, hash: zeros } }],
    ['an unknown metric', { ...manifest, metric: 'manhattan' }],
  ])('with %s are refused', (_, value) => {
    expect(() => read(value)).toThrow(code('MANIFEST_SHAPE'));
  });
});

describe('identities', () => {
  it('are read with their hash', () => {
    const { signed, hash } = signIdentity(identity, { owner: seed, payee });
    expect(readIdentity(signed)).toEqual({ identity, hash });
  });
  // Each is countersigned, so that only the owner's signature or the text is wrong.
  const sign = (tag: Uint8Array, statement: object, key = seed): SignedIdentity => {
    const { body, signature, hash } = signStatement(tag, statement, key);
    return { body, signature, payeeSignature: signDigest(identityDigest(hash, identity), payee) };
  };
  it.each<[string, SignedIdentity]>([
    ['another signer', sign(TAG_IDENTITY, identity, otherSeed)],
    ['the tag of a write', sign(TAG_WRITE, identity)],
    ['an address in mixed case', sign(TAG_IDENTITY, { ...identity, payee: address.replace('a', 'A') })],
    ['an unknown member', sign(TAG_IDENTITY, { ...identity, more: 1 })],
    ['members in another order', sign(TAG_IDENTITY, reversed(identity))],
  ])('with %s are refused', (_, signed) => {
    expect(() => readIdentity(signed)).toThrow(code('IDENTITY_SIGNATURE'));
  });
});

function reversed(value: object): object {
  return Object.fromEntries(Object.entries(value).reverse());
}

/**
 * The neutral element as key. With R the neutral element and S zero it then signs everything for verifiers that accept
 * it.
 */
function lowOrderSigner(): SignedStatement {
  const neutral = Uint8Array.of(1, ...new Uint8Array(31));
  const signer = didFromPublicKey(neutral);
  return { body: JSON.stringify({ ...write, signer }), signature: toBase64url(concat(neutral, new Uint8Array(32))) };
}
