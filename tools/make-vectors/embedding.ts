// Cases of docs/spec/embedding.md: prices, requests, answers, bundles, records of faults.
import type { EmbeddingFault, Trust } from '../../schemas/src/index.ts';
import { vectorToBase64url } from '../../packages/proof/src/bytes.ts';
import { embeddingPriceOf, textBytesOf } from '../../packages/proof/src/payment/price.ts';
import { requestHash, responseHash } from '../../packages/proof/src/requests.ts';
import { verifyEmbeddingBundle } from '../../packages/proof/src/verify/embeddings/verify-embedding-bundle.ts';
import { addressOf, SERVED_AT } from '../../packages/proof/test/_bundle.ts';
import { makeEmbeddingBundle, type EmbeddingLies } from '../../packages/proof/test/_embedding-bundle.ts';
import { MODEL, OWNER, seed, vectorOf } from '../../packages/proof/test/_index.ts';
import { invalid, valid, type VectorCase, type Vectors } from './case.ts';

const honest = makeEmbeddingBundle();
const nonce = 'A'.repeat(43);
const { body } = honest.request;
const price = { base: '5', perText: '2', perKiB: '3' };

const priced = (texts: string[]): VectorCase =>
  valid(
    'embedding-price',
    `${texts.length} texts, ${textBytesOf(texts)} bytes`,
    { price, texts },
    {
      price: String(embeddingPriceOf(price, texts.length, textBytesOf(texts))),
    },
  );

const trust: Trust = {
  v: 1,
  type: 'tributary/trust',
  signers: [],
  logs: [OWNER],
  payees: [addressOf(seed('payee'))],
  witnesses: [],
  quorum: 0,
};
function accepted(comment: string, file: string, trusted?: Trust): VectorCase {
  const { failed: _, ...report } = verifyEmbeddingBundle(file, trusted === undefined ? {} : { trust: trusted });
  return valid('embedding-bundle', comment, trusted === undefined ? { file } : { file, trust: trusted }, report);
}
const fileOf = (lies?: EmbeddingLies): string => JSON.stringify(makeEmbeddingBundle(lies), null, 2);
const edited = (code: string, comment: string, find: string, replace: string): VectorCase => {
  const file = fileOf();
  if (!file.includes(find)) throw new Error(`${comment}: the file has no ${find}`);
  return invalid('embedding-bundle', code, comment, { file: file.replace(find, () => replace) });
};
const lie = (code: string, comment: string, lies: EmbeddingLies) =>
  invalid('embedding-bundle', code, comment, { file: fileOf(lies) });

const fault = (change: Partial<EmbeddingFault> = {}): string =>
  JSON.stringify({
    v: 1,
    type: 'tributary/embedding-fault',
    at: SERVED_AT + 1_000,
    provider: OWNER,
    model: MODEL,
    text: 1,
    vector: vectorToBase64url(vectorOf('something else')),
    weights: 'q8',
    cosine: 0.1,
    bundle: honest,
    ...change,
  });

export const embeddingVectors: Vectors = {
  valid: [
    priced(['a']),
    priced(['é'.repeat(512)]),
    priced(['é'.repeat(512), 'a']),
    valid('embed-request', 'two texts', { nonce, body }, { hash: requestHash(new Uint8Array(32), body) }),
    valid('embeddings', 'two vectors', { body: honest.response }, { hash: responseHash(honest.response) }),
    accepted('paid', fileOf()),
    accepted('paid, with pinned keys', fileOf(), trust),
    accepted('free', fileOf({ free: true })),
    accepted('a fault', fault()),
  ],
  invalid: [
    invalid('embed-request', 'REQUEST_MISMATCH', 'an empty text', { nonce, body: body.replace('spring floods', '') }),
    invalid('embed-request', 'REQUEST_MISMATCH', 'no text', { nonce, body: body.replace(/\[.*\]/, '[]') }),
    invalid('embed-request', 'REQUEST_MISMATCH', 'another kind', { nonce, body: body.replace('document', 'passage') }),
    invalid('embed-request', 'REQUEST_MISMATCH', 'white space', { nonce, body: `${body} ` }),
    invalid('embed-request', 'REQUEST_MISMATCH', 'an unknown member', { nonce, body: body.replace('{', '{"x":1,') }),
    invalid('embed-request', 'REQUEST_MISMATCH', '257 texts', {
      nonce,
      body: JSON.stringify({ ...JSON.parse(body), texts: Array(257).fill('a') }),
    }),
    invalid('embeddings', 'RESPONSE_SHAPE', 'numbers for a vector', {
      body: honest.response.replace(/"vectors":\[".*?"/, '"vectors":[[1,2]'),
    }),
    invalid('embeddings', 'RESPONSE_SHAPE', 'other weights', { body: honest.response.replace('q8', 'q4') }),
    edited('BUNDLE_SHAPE', 'an unknown member', '"v": 1,', '"v": 1,\n  "x": 1,'),
    edited('BUNDLE_SHAPE', 'a bundle of an index', 'tributary/embedding-bundle', 'tributary/bundle'),
    edited('OFFER_SIGNATURE', 'offer changed', '\\"perText\\":\\"2\\"', '\\"perText\\":\\"1\\"'),
    edited('REQUEST_HASH', 'text changed', 'spring floods', 'autumn floods'),
    edited('RESPONSE_HASH', 'vectors changed', '\\"vectors\\":[\\"', '\\"vectors\\":[\\"A'),
    edited('RECEIPT_SIGNATURE', 'charge changed', '"chargedTotal": "', '"chargedTotal": "9'),
    edited('VOUCHER_SIGNATURE', 'ticket changed', '"ackedTotal": "321"', '"ackedTotal": "322"'),
    lie('OFFER_EXPIRED', 'offer expired', { offer: (value) => ({ ...value, expiry: SERVED_AT }) }),
    lie('OFFER_MISMATCH', 'offer of another identity', { offer: (value) => ({ ...value, identity: '0'.repeat(64) }) }),
    lie('RECEIPT_MISMATCH', 'a receipt with a snapshot', { receipt: (value) => ({ ...value, snapshot: 1 }) }),
    lie('RECEIPT_MISMATCH', 'a receipt with a manifest', { receipt: (value) => ({ ...value, manifestHash: '1'.repeat(64) }) }),
    lie('RECEIPT_MISMATCH', 'another status', { receipt: (value) => ({ ...value, status: 'empty' }) }),
    lie('RECEIPT_CHARGE', 'overcharged', { receipt: (value) => ({ ...value, charge: '13', chargedTotal: '334' }) }),
    lie('RECEIPT_CHARGE', 'charged too little', { receipt: (value) => ({ ...value, charge: '11', chargedTotal: '332' }) }),
    lie('TICKET_MISMATCH', 'ticket for other texts', { ticket: (value) => ({ ...value, request: '0'.repeat(64) }) }),
    lie('MODEL_MISMATCH', 'vectors of another model', { answer: (value) => ({ ...value, model: '0'.repeat(64) }) }),
    lie('MODEL_MISMATCH', 'a request for another model', { request: (value) => ({ ...value, model: '0'.repeat(64) }) }),
    lie('RESULT_COUNT', 'a vector is missing', { answer: (value) => ({ ...value, vectors: value.vectors.slice(1) }) }),
    lie('DIMENSION_MISMATCH', 'a shorter vector', {
      answer: (value) => ({ ...value, vectors: [value.vectors[0]!, vectorToBase64url(Float32Array.of(1, 2))] }),
    }),
    lie('SCORE', 'a vector that is not finite', {
      answer: (value) => ({
        ...value,
        vectors: [value.vectors[0]!, vectorToBase64url(vectorOf('x').fill(Infinity, 0, 1))],
      }),
    }),
    invalid('embedding-bundle', 'EMBEDDING_MISMATCH', 'a fault about vectors that agree', {
      file: fault({ vector: vectorToBase64url(vectorOf('the délta of the river')) }),
    }),
    invalid('embedding-bundle', 'EMBEDDING_MISMATCH', 'a fault about a text that was not sent', { file: fault({ text: 2 }) }),
    invalid('embedding-bundle', 'EMBEDDING_MISMATCH', 'a fault of another provider', {
      file: fault({ provider: `did:key:z6Mk${'1'.repeat(44)}` }),
    }),
  ],
};
