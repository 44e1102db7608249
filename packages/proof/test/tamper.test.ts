// Somebody without the provider's keys changes a bundle. Each change is refused with the code of the check that finds
// it.
import type { Bundle } from '@tributary/schemas';
import { describe, expect, test } from 'vitest';
import { makeTestBundle, payeeKey, receiptKey } from './_bundle.ts';
import { INDEX, buildIndex, logOf, ownerKey, seed, signWrite } from './_index.ts';
import { serializeBundle, verifyBundle } from '../src/index.ts';
import { signOffer, signReceipt, signVoucher, ticketHash } from '../src/payment.ts';
import { ed25519PublicKey, toBase64url } from '../src/primitives.ts';
import { didFromPublicKey, signIdentity } from '../src/statements.ts';

const paid = makeTestBundle();
const free = makeTestBundle({ free: true });
const index = buildIndex();
const stranger = seed('stranger');

const codeOf = (bundle: Bundle) => verifyBundle(serializeBundle(bundle)).failed?.code ?? null;
const edit = <T>(value: T, change: (draft: T) => void): T => {
  const draft = structuredClone(value);
  change(draft);
  return draft;
};
/** Replaces a part of a text that must be there. */
const swap = (text: string, from: string | RegExp, to: string): string => {
  const changed = text.replace(from, to);
  expect(changed).not.toBe(text);
  return changed;
};
const lines = (log: string, change: (list: string[]) => string[]) => change(log.split('\n')).join('\n');
const passageIn = (shown: string) =>
  Buffer.from(swap(Buffer.from(shown, 'base64url').toString('latin1'), 'Passage', 'passage'), 'latin1').toString('base64url');
const flipped = (base64: string) => (base64.startsWith('A') ? 'B' : 'A') + base64.slice(1);

test('the honest bundles pass', () => {
  for (const options of [{}, { free: true }, { mode: 'dense' }, { mode: 'bm25' }] as const) {
    expect(verifyBundle(serializeBundle(makeTestBundle(options)))).toMatchObject({ ok: true, trusted: false, failed: null });
  }
});

describe('request, answer, receipt', () => {
  test.each<[string, string, (bundle: Bundle) => void]>([
    ['fewer results asked for', 'REQUEST_HASH', (b) => (b.request.body = swap(b.request.body, '"topK":5', '"topK":4'))],
    ['another nonce', 'REQUEST_HASH', (b) => (b.request.nonce = flipped(b.request.nonce))],
    ['request reformatted', 'REQUEST_HASH', (b) => (b.request.body = swap(b.request.body, ',', ', '))],
    ['a score altered', 'RESPONSE_HASH', (b) => (b.response = swap(b.response, '"score":0', '"score":1'))],
    ['a passage altered', 'RECORD_HASH', (b) => (b.records[0]!.shown = passageIn(b.records[0]!.shown))],
    ['records exchanged', 'RECORD_HASH', (b) => b.records.reverse()],
    ['a record left out', 'RECORD_HASH', (b) => b.records.pop()],
    ['a record that no result names', 'RECORD_HASH', (b) => b.records.push(b.records[0]!)],
    ['a path of another record', 'ITEM_INCLUSION', (b) => (b.records[0]!.path = b.records[1]!.path)],
    ['an item dropped', 'RESPONSE_HASH', (b) => dropLast(b)],
    ['a member added to the answer', 'RESPONSE_HASH', (b) => (b.response = swap(b.response, '{', '{"x":1,'))],
    ['charge edited', 'RECEIPT_SIGNATURE', (b) => (b.receipt.charge = '1')],
    ['receipt signed by another', 'RECEIPT_SIGNATURE', (b) => (b.receipt = resign(b, stranger))],
    ['receipt signed for another ledger', 'RECEIPT_SIGNATURE', (b) => (b.receipt = resign(b, receiptKey, 1))],
    ['recovery id 0 for 27', 'RECEIPT_SIGNATURE', (b) => (b.receipt.signature = swap(b.receipt.signature, /1[bc]$/, '00'))],
    ['the high s of the same signature', 'RECEIPT_SIGNATURE', (b) => (b.receipt.signature = highS(b.receipt.signature))],
    ['manifest edited', 'RECEIPT_MISMATCH', (b) => (b.manifest = swap(b.manifest, '"live":39', '"live":38'))],
    ['another offer of the same provider', 'RECEIPT_MISMATCH', (b) => (b.offer = otherOffer(b))],
  ])('%s: %s', (_name, code, change) => {
    expect(codeOf(edit(paid, change))).toBe(code);
  });
});

function dropLast(bundle: Bundle): void {
  const answer = JSON.parse(bundle.response) as { results: unknown[] };
  answer.results.pop();
  bundle.response = JSON.stringify(answer);
}
function resign({ receipt, offer }: Bundle, key: Uint8Array, chainId = 0) {
  const { network } = JSON.parse(offer.body) as { network: { id: string; chainId: number; verifyingContract: string } };
  const { signature, ...fields } = receipt;
  expect(signature).toHaveLength(130);
  return signReceipt(fields, { ...network, chainId }, key);
}
function highS(signature: string): string {
  const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
  const s = (order - BigInt(`0x${signature.slice(64, 128)}`)).toString(16).padStart(64, '0');
  return signature.slice(0, 64) + s + (signature.endsWith('1b') ? '1c' : '1b');
}
function otherOffer({ offer }: Bundle) {
  const { body, signature } = signOffer({ ...JSON.parse(offer.body), maxInFlight: 9 }, receiptKey);
  return { body, signature };
}

describe('identity and offer', () => {
  test.each<[string, string, (bundle: Bundle) => void]>([
    ['payee edited', 'IDENTITY_SIGNATURE', (b) => (b.identity.body = swap(b.identity.body, /"payee":"0x./, '"payee":"0x0'))],
    ['signature edited', 'IDENTITY_SIGNATURE', (b) => (b.identity.signature = flipped(b.identity.signature))],
    [
      'countersignature edited',
      'IDENTITY_SIGNATURE',
      (b) => (b.identity.payeeSignature = `1b${b.identity.payeeSignature.slice(2)}`),
    ],
    ['identity of another owner', 'OFFER_MISMATCH', (b) => (b.identity = identityOf(b, stranger))],
    ['a newer identity of the owner', 'OFFER_MISMATCH', (b) => (b.identity = identityOf(b, ownerKey))],
    ['price edited', 'OFFER_SIGNATURE', (b) => (b.offer.body = swap(b.offer.body, '"base":"100"', '"base":"101"'))],
    ['offer with a white space', 'OFFER_MISMATCH', (b) => (b.offer.body = swap(b.offer.body, ',', ', '))],
    [
      'offer signed by another',
      'OFFER_SIGNATURE',
      (b) => (b.offer.signature = signOffer(JSON.parse(b.offer.body), stranger).signature),
    ],
  ])('%s: %s', (_name, code, change) => {
    expect(codeOf(edit(paid, change))).toBe(code);
  });
});

function identityOf({ identity }: Bundle, key: Uint8Array) {
  const did = didFromPublicKey(ed25519PublicKey(key));
  return signIdentity({ ...JSON.parse(identity.body), did, sequence: 2 }, { owner: key, payee: payeeKey }).signed;
}

describe('payment', () => {
  const payment = (change: (part: NonNullable<Bundle['payment']>) => void) => (bundle: Bundle) => change(bundle.payment!);
  test.each<[string, string, (bundle: Bundle) => void]>([
    ['terms edited', 'CHANNEL_ID', payment(({ terms }) => (terms.salt = 'a'.repeat(64)))],
    ['ticket of another channel', 'TICKET_MISMATCH', payment(({ ticket }) => (ticket.channel = 'a'.repeat(64)))],
    ['ticket of another offer', 'TICKET_MISMATCH', payment(({ ticket }) => (ticket.offer = 'a'.repeat(64)))],
    ['ticket for another request', 'TICKET_MISMATCH', payment(({ ticket }) => (ticket.request = 'a'.repeat(64)))],
    ['another ticket id', 'RECEIPT_MISMATCH', payment(({ ticket }) => (ticket.id = flipped(ticket.id)))],
    ['ticket allows more', 'VOUCHER_SIGNATURE', payment(({ ticket }) => (ticket.maxCharge = '999'))],
    ['deadline moved', 'VOUCHER_SIGNATURE', payment(({ ticket }) => (ticket.deadline += 1))],
    ['voucher raised', 'VOUCHER_SIGNATURE', payment(({ voucher }) => (voucher.cumulative = '9999'))],
    ['voucher of another signer', 'VOUCHER_SIGNATURE', (b) => (b.payment!.voucher.signature = voucherBy(b, stranger))],
    ['payment removed', 'RECEIPT_MISMATCH', (b) => (b.payment = null)],
  ])('%s: %s', (_name, code, change) => {
    expect(codeOf(edit(paid, change))).toBe(code);
  });

  test('a payment added to a free answer: RECEIPT_MISMATCH', () => {
    expect(codeOf(edit(free, (bundle) => (bundle.payment = paid.payment)))).toBe('RECEIPT_MISMATCH');
  });
});

function voucherBy({ payment, offer }: Bundle, key: Uint8Array): string {
  const { ticket, voucher } = payment!;
  const { network } = JSON.parse(offer.body);
  return signVoucher({ channel: ticket.channel, cumulative: voucher.cumulative, ctx: ticketHash(ticket) }, network, key);
}

describe('log', () => {
  const manifests = ['{}', '{}', '{}', index.manifestBody];
  test.each<[string, string, (log: string) => string]>([
    ['a hash of the path changed', 'MANIFEST_INCLUSION', (log) => lines(log, (list) => list.with(2, flipped(list[2]!)))],
    ['a hash of the path dropped', 'MANIFEST_INCLUSION', (log) => lines(log, (list) => list.toSpliced(2, 1))],
    ['a hash of the path repeated', 'MANIFEST_INCLUSION', (log) => lines(log, (list) => list.toSpliced(2, 0, list[2]!))],
    ['another index', 'MANIFEST_INCLUSION', (log) => swap(log, 'index 3', 'index 2')],
    ['a log that lacks the manifest', 'MANIFEST_INCLUSION', () => logOf(['{}', '{}', '{}', '{}'])],
    ['size changed', 'CHECKPOINT_SIGNATURE', (log) => swap(log, '\n4\n', '\n5\n')],
    ['size with a leading zero', 'CHECKPOINT_SIGNATURE', (log) => swap(log, '\n4\n', '\n04\n')],
    ['an extension line', 'CHECKPOINT_SIGNATURE', (log) => swap(log, '\n\n\u2014', '\nextra\n\n\u2014')],
    ['signed by another key', 'CHECKPOINT_SIGNATURE', () => logOf(manifests, { key: stranger })],
    ['the log of another index of the owner', 'CHECKPOINT_SIGNATURE', () => logOf(manifests, { origin: `tributary/x${INDEX}` })],
    ['carriage returns', 'CHECKPOINT_FORMAT', (log) => log.replaceAll('\n', '\r\n')],
    ['another magic line', 'CHECKPOINT_FORMAT', (log) => swap(log, '@v1', '@v2')],
    ['an empty line smuggled in', 'CHECKPOINT_SIGNATURE', (log) => swap(log, '\n\n\u2014', '\n\n\n\u2014')],
    ['no signature', 'CHECKPOINT_FORMAT', (log) => log.slice(0, log.indexOf('\u2014'))],
    ['the signature twice', 'COSIGNATURE', (log) => log + log.slice(log.indexOf('\u2014'))],
    ['more than 64 signatures', 'CHECKPOINT_FORMAT', (log) => log + log.slice(log.indexOf('\u2014')).repeat(64)],
  ])('%s: %s', (_name, code, change) => {
    expect(codeOf(edit(paid, (bundle) => (bundle.log = change(bundle.log))))).toBe(code);
  });
});

describe('writes', () => {
  test.each<[string, string, (bundle: Bundle) => void]>([
    ['one missing', 'WRITE_MISSING', (b) => b.writes.pop()],
    ['one too many', 'WRITE_MISMATCH', (b) => b.writes.push(b.writes[0]!)],
    ['another order', 'WRITE_MISMATCH', (b) => b.writes.reverse()],
    [
      'author edited',
      'WRITE_SIGNATURE',
      (b) => (b.writes[0]!.body = swap(b.writes[0]!.body, 'River Institute', 'Rival Institute')),
    ],
    ['unknown member', 'WRITE_SHAPE', (b) => (b.writes[0]!.body = swap(b.writes[0]!.body, '{', '{"x":1,'))],
    ['signature edited', 'WRITE_SIGNATURE', (b) => (b.writes[0]!.signature = flipped(b.writes[0]!.signature))],
    ['signed anew by an impostor', 'WRITE_MISSING', (b) => (b.writes[0] = impostor(b))],
  ])('%s: %s', (_name, code, change) => {
    expect(paid.writes.length).toBeGreaterThan(1);
    expect(codeOf(edit(paid, change))).toBe(code);
  });
});

function impostor({ writes }: Bundle) {
  const { body, signature } = signWrite({ ...JSON.parse(writes[0]!.body), key: stranger });
  return { body, signature };
}

test('a failed report proves nothing', () => {
  const report = verifyBundle('');
  expect(report).toMatchObject({
    ok: false,
    trusted: false,
    facts: null,
    pinned: { signers: false, log: false, payee: false },
  });
  expect(report.notProven).toHaveLength(11);
  expect(toBase64url(seed('x'))).toHaveLength(43);
});
