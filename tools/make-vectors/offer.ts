import type { Offer, Receipt } from '../../schemas/src/index.ts';
import { toHex } from '../../packages/proof/src/bytes.ts';
import { ed25519PublicKey } from '../../packages/proof/src/crypto/node.ts';
import { didFromPublicKey, makeIndexId } from '../../packages/proof/src/identity.ts';
import { networkOf } from '../../packages/proof/src/payment/network.ts';
import { readIdentity } from '../../packages/proof/src/statements/read.ts';
import { offerDigest, signOffer } from '../../packages/proof/src/payment/offer.ts';
import { chargeOf, priceOf, quoteOf } from '../../packages/proof/src/payment/price.ts';
import { addressOf, makeTestBundle, receiptKey } from '../../packages/proof/test/_bundle.ts';
import { invalid, seedOf, valid, type VectorCase, type Vectors } from './case.ts';

const offer = JSON.parse(makeTestBundle().offer.body) as Offer;
const { identity, hash: identityHash } = readIdentity(makeTestBundle().identity);
const owner = { identity, hash: identityHash };
const { hash, ...signed } = signOffer(offer, receiptKey);
const price = { ...offer.price, empty: '9' };
const { maxCharge } = offer;

const sign = (body: string, key = receiptKey) => ({
  body,
  signature: signOffer(JSON.parse(body) as Offer, key).signature,
  owner,
});
const unsigned = (comment: string, input: object) => invalid('offer', 'OFFER_SIGNATURE', comment, { ...signed, owner, ...input });
const misshapen = (comment: string, body: string) =>
  invalid('offer', 'OFFER_MISMATCH', comment, { body, signature: signed.signature, owner });

/** What only the provider's own receipt key can sign. */
const foreign = (code: string, comment: string, changes: Partial<Offer>) =>
  invalid('offer', code, comment, sign(JSON.stringify({ ...offer, ...changes })));
const strangerDid = didFromPublicKey(ed25519PublicKey(seedOf(9)));
const chain = { id: 'eip155:8453', chainId: 8_453, verifyingContract: `0x${'1'.repeat(40)}` };
const onChain = { ...offer, network: chain };
const { hash: chainHash, ...signedOnChain } = signOffer(onChain, receiptKey);

function priced(results: number, textBytes: number): VectorCase {
  const input = { price, results, textBytes };
  return valid('price', `${results} results, ${textBytes} bytes`, input, { price: String(priceOf(price, results, textBytes)) });
}
function charged(ticketMaxCharge: string, results: number, textBytes: number, status: Receipt['status'] = 'ok'): VectorCase {
  const input = { price, maxCharge, ticketMaxCharge, status, results, textBytes };
  const charge = String(chargeOf(input, input));
  return valid('charge', `${status}, ${results} results, ${textBytes} bytes, at most ${ticketMaxCharge}`, input, { charge });
}
function quoted(topK: number): VectorCase {
  const input = { price, maxCharge, topK };
  return valid('quote', `up to ${topK} results`, input, { quote: String(quoteOf(input, topK)) });
}
function quotedEmpty(topK: number): VectorCase {
  const input = { price: { ...price, empty: '400' }, maxCharge, topK };
  return valid('quote', `up to ${topK} results, dearer without any`, input, { quote: String(quoteOf(input, topK)) });
}

function kinds(comment: string, card: Partial<Offer['card']>): VectorCase {
  const made = { ...offer, card: { ...offer.card, ...card } };
  const { hash: madeHash, ...statement } = signOffer(made, receiptKey);
  return valid(
    'offer',
    comment,
    { ...statement, owner },
    {
      offer: made,
      hash: madeHash,
      digest: toHex(offerDigest(madeHash, made)),
    },
  );
}

export const offerVectors: Vectors = {
  valid: [
    valid('offer', 'a priced offer', { ...signed, owner }, { offer, hash, digest: toHex(offerDigest(hash, offer)) }),
    valid(
      'offer',
      'to be paid on a chain that the reader allows',
      { ...signedOnChain, owner, networks: [chain] },
      { offer: onChain, hash: chainHash, digest: toHex(offerDigest(chainHash, onChain)) },
    ),
    kinds('sparse vectors only', { dimension: 0, metric: 'dotproduct', vectors: 'sparse' }),
    kinds('dense and sparse vectors', { dimension: 16, metric: 'dotproduct', vectors: 'both' }),
    kinds('with questions as examples', { questions: ['when does the spring flood begin', 'wer hält die Wasserrechte?'] }),
    priced(0, 4_096),
    priced(1, 0),
    priced(1, 1),
    priced(2, 1_024),
    priced(2, 1_025),
    priced(1_000, 4_000_000),
    charged('1000', 5, 2_000),
    charged('120', 5, 2_000),
    charged('999999', 500, 100_000),
    charged('1000', 0, 0, 'empty'),
    charged('7', 0, 0, 'empty'),
    charged('1000', 0, 0, 'gone'),
    quoted(1),
    quoted(10),
    quoted(1_000),
    quotedEmpty(1),
  ],
  invalid: [
    unsigned('signed by another key', sign(signed.body, seedOf(9))),
    unsigned('price changed after signing', { body: signed.body.replace('"base":"100"', '"base":"1"') }),
    unsigned('another signer expected', { owner: { ...owner, identity: { ...identity, receiptSigner: addressOf(seedOf(9)) } } }),
    unsigned('recovery id 0 instead of 27', { signature: `${signed.signature.slice(0, 128)}00` }),
    foreign('OFFER_MISMATCH', 'to be paid in the ledger of another', { network: networkOf(strangerDid) }),
    foreign('OFFER_MISMATCH', 'to be paid on a chain that was not allowed', { network: chain }),
    foreign('OFFER_MISMATCH', 'of another identity', { identity: '0'.repeat(64) }),
    foreign('IDENTITY_MISMATCH', 'for an index of somebody else', {
      index: makeIndexId('rivers', ed25519PublicKey(seedOf(9))),
    }),
    misshapen('white space', signed.body.replace(',', ', ')),
    misshapen('an unknown member', signed.body.replace('{', '{"x":1,')),
    misshapen('members in another order', JSON.stringify(Object.fromEntries(Object.entries(offer).reverse()))),
    misshapen('money with a leading zero', signed.body.replace('"base":"100"', '"base":"0100"')),
    misshapen('money of 2^128', signed.body.replace('"base":"100"', `"base":"${1n << 128n}"`)),
    misshapen('money as a number', signed.body.replace('"base":"100"', '"base":100')),
    misshapen('an empty list of questions', signed.body.replace('"metric":"cosine"', '"metric":"cosine","questions":[]')),
    misshapen('another hiding rule', signed.body.replace('"hiding":"none"', '"hiding":"some"')),
  ],
};
