import type { Offer, ProviderIdentity } from '@tributary/schemas';
import { hashTypedData } from 'viem';
import { describe, expect, test } from 'vitest';
import { ed25519PublicKey, secp256k1PublicKey, sha256 } from '#crypto';
import { toHex, utf8 } from '../bytes.ts';
import { addressFromPublicKey, didFromPublicKey, makeIndexId } from '../identity.ts';
import { identityDigest, signIdentity } from '../statements/identity.ts';
import { readIdentity } from '../statements/read.ts';
import type { Network } from './eip712.ts';
import { networkOf } from './network.ts';
import { readOffer, signOffer } from './offer.ts';
import { chargeOf, isFree, priceOf, quoteOf } from './price.ts';

const key = sha256(utf8('voucher key'));
const address = addressFromPublicKey(secp256k1PublicKey(key));
/** The digest of a countersignature as docs/spec/identity.md prints its type. */
function viemDigest(hash: string, expiry: bigint, { chainId, verifyingContract }: Network): string {
  const types = {
    ProviderIdentity: [
      { type: 'bytes32', name: 'identityHash' },
      { type: 'uint64', name: 'expiry' },
    ],
  };
  const domain = { name: 'Tributary', version: '1', chainId, verifyingContract: verifyingContract as `0x${string}` };
  const message = { identityHash: `0x${hash}` as const, expiry };
  return hashTypedData({ domain, types, primaryType: 'ProviderIdentity', message }).slice(2);
}
const ownerSeed = sha256(utf8('owner'));
const did = didFromPublicKey(ed25519PublicKey(ownerSeed));
const identity: ProviderIdentity = {
  v: 1,
  type: 'tributary/identity',
  did,
  peerId: 'peer',
  receiptSigner: address,
  payee: address,
  sequence: 1,
  issued: 1,
  expiry: 1_790_000_000_000,
};
const owner = { identity, hash: signIdentity(identity, { owner: ownerSeed, payee: key }).hash };
const offer: Offer = {
  v: 1,
  type: 'tributary/offer',
  identity: owner.hash,
  index: makeIndexId('docs', ed25519PublicKey(ownerSeed)),
  visibility: 'listed',
  card: {
    title: 't',
    description: '',
    licence: '',
    records: 1,
    model: '00'.repeat(32),
    modelId: 'm',
    languages: ['en'],
    dimension: 4,
    metric: 'cosine',
  },
  price: { base: '100', perResult: '10', perKiB: '3', empty: '0' },
  unit: 'credit',
  network: networkOf(did),
  limits: { topK: 10, queriesPerMinute: 60, exposurePerChannel: null, exposurePerEpoch: null, epochMs: 1 },
  credit: '0',
  maxInFlight: 1,
  maxCharge: '150',
  answerKeepMs: 1,
  deadlineMaxMs: 1,
  hiding: 'none',
  issued: 1,
  expiry: 2,
};

describe('a provider can only use its own payee and ledger', () => {
  test("the payee's signature is over the digest that viem computes", () => {
    const { hash, signed } = signIdentity(identity, { owner: ownerSeed, payee: key });
    const digest = viemDigest(hash, BigInt(identity.expiry), networkOf(did));
    expect(toHex(identityDigest(hash, identity))).toBe(digest);
    expect(readIdentity(signed)).toEqual({ identity, hash });
  });

  const victimKey = sha256(utf8('an honest provider'));
  const victim = { seed: sha256(utf8('its owner')), address: addressFromPublicKey(secp256k1PublicKey(victimKey)) };
  const victimDid = didFromPublicKey(ed25519PublicKey(victim.seed));
  test('an identity that names the payee of another is refused, whoever of the two signed before', () => {
    const taken = { ...identity, payee: victim.address };
    const honest = signIdentity({ ...identity, did: victimDid, payee: victim.address }, { owner: victim.seed, payee: victimKey });
    const { signed } = signIdentity(taken, { owner: ownerSeed, payee: key });
    const refusal = expect.objectContaining({ code: 'IDENTITY_SIGNATURE', message: expect.stringContaining(victim.address) });
    expect(() => readIdentity(signed)).toThrow(refusal);
    expect(() => readIdentity({ ...signed, payeeSignature: honest.signed.payeeSignature })).toThrow(refusal);
    expect(() => readIdentity({ ...signed, payeeSignature: '00'.repeat(65) })).toThrow(refusal);
  });

  test('an offer to be paid in the ledger of another is refused, unless the reader allows the network', () => {
    const foreign = networkOf(victimDid);
    const chain = { id: 'eip155:8453', chainId: 8_453, verifyingContract: `0x${'1'.repeat(40)}` };
    for (const network of [foreign, chain, { ...networkOf(did), id: 'x' }, { ...networkOf(did), chainId: 1 }]) {
      const { hash, ...signed } = signOffer({ ...offer, network }, key);
      expect(() => readOffer(signed, owner)).toThrow(expect.objectContaining({ code: 'OFFER_MISMATCH' }));
      expect(() =>
        readOffer(signed, owner, { networks: [networkOf(victimDid.replace('z6Mk', 'z6Mm')), { ...network, chainId: 7 }] }),
      ).toThrow(expect.objectContaining({ code: 'OFFER_MISMATCH' }));
      expect(readOffer(signed, owner, { networks: [network] }).hash).toBe(hash);
    }
  });

  test('an offer of another identity, or for the index of another, is refused', () => {
    const { hash: _, ...signed } = signOffer(offer, key);
    expect(() => readOffer(signed, { ...owner, hash: '1'.repeat(64) })).toThrow(
      expect.objectContaining({ code: 'OFFER_MISMATCH' }),
    );
    const stolen = signOffer({ ...offer, index: makeIndexId('docs', ed25519PublicKey(victim.seed)) }, key);
    expect(() => readOffer(stolen, owner)).toThrow(expect.objectContaining({ code: 'IDENTITY_MISMATCH' }));
  });
});

describe('offers and prices', () => {
  test('an offer is read back, and refused when altered or signed by another', () => {
    const { hash, ...signed } = signOffer(offer, key);
    expect(readOffer(signed, owner)).toEqual({ offer, hash });
    const cheaper = { ...signed, body: signed.body.replace('"base":"100"', '"base":"001"') };
    expect(() => readOffer(cheaper, owner)).toThrow(expect.objectContaining({ code: 'OFFER_MISMATCH' }));
    const dearer = { ...signed, body: signed.body.replace('"base":"100"', '"base":"900"') };
    expect(() => readOffer(dearer, owner)).toThrow(expect.objectContaining({ code: 'OFFER_SIGNATURE' }));
    expect(() => readOffer(signed, { ...owner, identity: { ...identity, receiptSigner: `0x${'1'.repeat(40)}` } })).toThrow(
      expect.objectContaining({ code: 'OFFER_SIGNATURE' }),
    );
    const { v, type, ...rest } = offer;
    const reordered = { ...signed, body: JSON.stringify({ type, v, ...rest }) };
    expect(() => readOffer(reordered, owner)).toThrow(expect.objectContaining({ code: 'OFFER_MISMATCH' }));
  });

  test.each([
    [0, 5_000, 0n],
    [1, 0, 110n],
    [1, 1, 113n],
    [2, 1_024, 123n],
    [2, 1_025, 126n],
  ])('price of %i results with %i bytes', (results, bytes, expected) => {
    expect(priceOf(offer.price, results, bytes)).toBe(expected);
  });

  test('quote and charge never exceed what was agreed', () => {
    expect(quoteOf(offer, 2)).toBe(132n);
    expect(quoteOf(offer, 10)).toBe(150n);
    expect(chargeOf(offer, { status: 'ok', results: 1, textBytes: 1, ticketMaxCharge: '150' })).toBe(113n);
    expect(chargeOf(offer, { status: 'ok', results: 1, textBytes: 1, ticketMaxCharge: '112' })).toBe(112n);
    expect(chargeOf(offer, { status: 'ok', results: 90, textBytes: 1, ticketMaxCharge: '999' })).toBe(150n);
    const none = { results: 0, textBytes: 0, ticketMaxCharge: '999' };
    const dear = { ...offer, price: { ...offer.price, empty: '140' } };
    expect(chargeOf(offer, { ...none, status: 'empty' })).toBe(0n);
    expect(chargeOf(dear, { ...none, status: 'empty' })).toBe(140n);
    expect(chargeOf(dear, { ...none, status: 'empty', ticketMaxCharge: '7' })).toBe(7n);
    expect(chargeOf(dear, { ...none, status: 'gone' })).toBe(0n);
    expect(quoteOf(dear, 1)).toBe(140n);
    for (const part of ['base', 'perResult', 'perKiB', 'empty'] as const)
      expect(isFree({ base: '0', perResult: '0', perKiB: '0', empty: '0', [part]: '1' }), part).toBe(false);
    expect(isFree(offer.price)).toBe(false);
    expect(isFree({ base: '0', perResult: '0', perKiB: '0', empty: '0' })).toBe(true);
    expect(isFree({ base: '0', perResult: '0', perKiB: '0', empty: '1' })).toBe(false);
  });
});
