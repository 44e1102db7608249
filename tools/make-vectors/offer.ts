import type { Offer } from '../../schemas/src/index.ts';
import { toHex } from '../../packages/proof/src/bytes.ts';
import { offerDigest, signOffer } from '../../packages/proof/src/payment/offer.ts';
import { chargeOf, priceOf, quoteOf } from '../../packages/proof/src/payment/price.ts';
import { addressOf, makeTestBundle, receiptKey } from '../../packages/proof/test/_bundle.ts';
import { invalid, seedOf, valid, type VectorCase, type Vectors } from './case.ts';

const offer = JSON.parse(makeTestBundle().offer.body) as Offer;
const receiptSigner = addressOf(receiptKey);
const { hash, ...signed } = signOffer(offer, receiptKey);
const price = offer.price;
const { maxCharge } = offer;

const sign = (body: string, key = receiptKey) => ({
  body,
  signature: signOffer(JSON.parse(body) as Offer, key).signature,
  receiptSigner,
});
const unsigned = (comment: string, input: object) =>
  invalid('offer', 'OFFER_SIGNATURE', comment, { ...signed, receiptSigner, ...input });
const misshapen = (comment: string, body: string) =>
  invalid('offer', 'OFFER_MISMATCH', comment, { body, signature: signed.signature, receiptSigner });

function priced(results: number, textBytes: number): VectorCase {
  const input = { price, results, textBytes };
  return valid('price', `${results} results, ${textBytes} bytes`, input, { price: String(priceOf(price, results, textBytes)) });
}
function charged(ticketMaxCharge: string, results: number, textBytes: number): VectorCase {
  const input = { price, maxCharge, ticketMaxCharge, results, textBytes };
  const charge = String(chargeOf(offer, { results, textBytes, ticketMaxCharge }));
  return valid('charge', `${results} results, ${textBytes} bytes, at most ${ticketMaxCharge}`, input, { charge });
}
function quoted(topK: number): VectorCase {
  return valid('quote', `up to ${topK} results`, { price, maxCharge, topK }, { quote: String(quoteOf(offer, topK)) });
}

export const offerVectors: Vectors = {
  valid: [
    valid('offer', 'a priced offer', { ...signed, receiptSigner }, { offer, hash, digest: toHex(offerDigest(hash, offer)) }),
    priced(0, 4_096),
    priced(1, 0),
    priced(1, 1),
    priced(2, 1_024),
    priced(2, 1_025),
    priced(1_000, 4_000_000),
    charged('1000', 5, 2_000),
    charged('120', 5, 2_000),
    charged('999999', 500, 100_000),
    charged('1000', 0, 0),
    quoted(1),
    quoted(10),
    quoted(1_000),
  ],
  invalid: [
    unsigned('signed by another key', sign(signed.body, seedOf(9))),
    unsigned('price changed after signing', { body: signed.body.replace('"base":"100"', '"base":"1"') }),
    unsigned('another signer expected', { receiptSigner: addressOf(seedOf(9)) }),
    unsigned('recovery id 0 instead of 27', { signature: `${signed.signature.slice(0, 128)}00` }),
    misshapen('white space', signed.body.replace(',', ', ')),
    misshapen('an unknown member', signed.body.replace('{', '{"x":1,')),
    misshapen('members in another order', JSON.stringify(Object.fromEntries(Object.entries(offer).reverse()))),
    misshapen('money with a leading zero', signed.body.replace('"base":"100"', '"base":"0100"')),
    misshapen('money of 2^128', signed.body.replace('"base":"100"', `"base":"${1n << 128n}"`)),
    misshapen('money as a number', signed.body.replace('"base":"100"', '"base":100')),
    misshapen('another hiding rule', signed.body.replace('"hiding":"none"', '"hiding":"some"')),
  ],
};
