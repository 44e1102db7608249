// A provider that lies about charges, dates, keys and snapshots, and signs its lie.
import { expect, test } from 'vitest';
import { ZERO_HASH } from '../src/bytes.ts';
import { SERVED_AT, addressOf, requestOf } from './_bundle.ts';
import { INDEX, buildIndex, logOf, seed } from './_index.ts';
import { codeOf, flipped, index, onAnswer, type Options } from './_lies.ts';
import { networkOf } from '../src/payment.ts';
import { ed25519PublicKey, toHex } from '../src/primitives.ts';
import { didFromPublicKey, makeIndexId } from '../src/statements.ts';

const strangerDid = didFromPublicKey(ed25519PublicKey(seed('stranger')));
const victim = { payee: addressOf(seed('the payee of an honest provider')) };
const foreign = makeIndexId('rivers', ed25519PublicKey(seed('stranger')));
test.each<[string, string, Options]>([
  ['charge above the price', 'RECEIPT_CHARGE', { receipt: (r) => ({ ...r, charge: '158', chargedTotal: '479' }) }],
  ['charge below the price', 'RECEIPT_CHARGE', { receipt: (r) => ({ ...r, charge: '156', chargedTotal: '477' }) }],
  [
    'charge above what the ticket allows',
    'RECEIPT_CHARGE',
    { ticket: (t) => ({ ...t, maxCharge: '120' }), receipt: (r) => ({ ...r, charge: '157' }) },
  ],
  ['a free answer charged', 'RECEIPT_CHARGE', { free: true, receipt: (r) => ({ ...r, charge: '1' }) }],
  ['a free answer in a channel', 'RECEIPT_MISMATCH', { free: true, receipt: (r) => ({ ...r, sequence: 1 }) }],
  ['running total below what was acknowledged', 'RECEIPT_CHAIN', { receipt: (r) => ({ ...r, chargedTotal: r.charge }) }],
  ['a first receipt with a predecessor', 'RECEIPT_CHAIN', { receipt: (r) => ({ ...r, sequence: 1 }) }],
  ['a later receipt without one', 'RECEIPT_CHAIN', { receipt: (r) => ({ ...r, previous: ZERO_HASH }) }],
  ['receipt of another snapshot', 'RECEIPT_MISMATCH', { receipt: (r) => ({ ...r, snapshot: 2 }) }],
  ['receipt with another status', 'RECEIPT_MISMATCH', { receipt: (r) => ({ ...r, status: 'empty' }) }],
  ['receipt of another ticket', 'RECEIPT_MISMATCH', { receipt: (r) => ({ ...r, ticket: flipped(r.ticket) }) }],
  ['voucher below what it acknowledges', 'VOUCHER_AMOUNT', { cumulative: '320' }],
  ['a payee the identity does not name', 'IDENTITY_MISMATCH', { terms: (t) => ({ ...t, payee: addressOf(seed('thief')) }) }],
  ['identity expired', 'IDENTITY_EXPIRED', { identity: (i) => ({ ...i, expiry: SERVED_AT }) }],
  ['identity not yet valid', 'IDENTITY_EXPIRED', { identity: (i) => ({ ...i, issued: SERVED_AT + 1 }) }],
  [
    'identity with another receipt signer',
    'OFFER_SIGNATURE',
    { identity: (i) => ({ ...i, receiptSigner: addressOf(seed('x')) }) },
  ],
  ['identity of another owner', 'IDENTITY_SIGNATURE', { identity: (i) => ({ ...i, did: strangerDid }) }],
  ['offer expired', 'OFFER_EXPIRED', { offer: (o) => ({ ...o, expiry: SERVED_AT }) }],
  ['offer not yet valid', 'OFFER_EXPIRED', { offer: (o) => ({ ...o, issued: SERVED_AT + 1 }) }],
  ['a payee who has not countersigned', 'IDENTITY_SIGNATURE', { identity: (i) => ({ ...i, payee: victim.payee }) }],
  ['an offer in the ledger of another', 'OFFER_MISMATCH', { offer: (o) => ({ ...o, network: networkOf(strangerDid) }) }],
  [
    'payee and ledger of another: its channel would take the charge',
    'IDENTITY_SIGNATURE',
    {
      identity: (i) => ({ ...i, payee: victim.payee }),
      offer: (o) => ({ ...o, network: networkOf(strangerDid) }),
      terms: (t) => ({ ...t, payee: victim.payee }),
    },
  ],
  ['offer of another identity', 'OFFER_MISMATCH', { offer: (o) => ({ ...o, identity: ZERO_HASH }) }],
  ['offer for an index of somebody else', 'IDENTITY_MISMATCH', { offer: (o) => ({ ...o, index: foreign }) }],
  ['offer of another model', 'MANIFEST_MISMATCH', { offer: (o) => ({ ...o, card: { ...o.card, model: ZERO_HASH } }) }],
  ['offer of another metric', 'MANIFEST_MISMATCH', { offer: (o) => ({ ...o, card: { ...o.card, metric: 'euclidean' } }) }],
  ['answer of another snapshot', 'MANIFEST_MISMATCH', { answer: onAnswer((a) => (a.snapshot = 2)) }],
  ['answer of another manifest', 'MANIFEST_HASH', { answer: onAnswer((a) => (a.manifest = ZERO_HASH)) }],
  ['answer of another index', 'MANIFEST_MISMATCH', { answer: onAnswer((a) => (a.index = `sea${INDEX.slice(6)}`)) }],
  ['answer with members in another order', 'RESPONSE_SHAPE', { answer: ({ type, ...rest }) => ({ ...rest, type }) }],
  ['answer with an unknown member', 'RESPONSE_SHAPE', { answer: (a) => ({ ...a, note: 'x' }) }],
])('%s: %s', (_name, code, options) => {
  expect(codeOf(options)).toBe(code);
});

test.each<[string, string, Parameters<typeof buildIndex>[0]]>([
  ['of another index', 'MANIFEST_MISMATCH', { index: `sea${INDEX.slice(6)}` }],
  ['of another provider', 'MANIFEST_MISMATCH', { provider: strangerDid }],
  ['of another model', 'MANIFEST_MISMATCH', { model: ZERO_HASH }],
  ['at another place of the log', 'MANIFEST_INCLUSION', { sequence: 2 }],
  ['with another root', 'ITEM_INCLUSION', { tree: { size: 40, root: toHex(seed('root')) } }],
  ['with a smaller tree', 'MANIFEST_SHAPE', { tree: { size: 1, root: toHex(seed('root')) } }],
  ['dated after the receipt', 'CLOCK_FUTURE', { time: SERVED_AT + 120_001 }],
])('a manifest %s: %s', (_name, code, overrides) => {
  expect(codeOf({ index: buildIndex(overrides) })).toBe(code);
});

test('a manifest in no log: MANIFEST_INCLUSION', () => {
  expect(codeOf({ index: { ...index, log: logOf(['{}', '{}', '{}', JSON.stringify(requestOf())]) } })).toBe('MANIFEST_INCLUSION');
});
