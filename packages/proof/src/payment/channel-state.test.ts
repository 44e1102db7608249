import type { ChannelState, Receipt } from '@tributary/schemas';
import { describe, expect, it } from 'vitest';
import { secp256k1PublicKey, sha256 } from '#crypto';
import { toBase64url, toHex, utf8, ZERO_HASH } from '../bytes.ts';
import { addressFromPublicKey } from '../identity.ts';
import { checkChannelState, signChannelState, type ChannelStateFields } from './channel-state.ts';
import { receiptHash, signReceipt } from './receipt.ts';

const network = { id: 'test', chainId: 1, verifyingContract: `0x${'11'.repeat(20)}` };
const key = sha256(utf8('receipt key'));
const receiptSigner = addressFromPublicKey(secp256k1PublicKey(key));
const hash = (text: string) => toHex(sha256(utf8(text)));
const [channel, nonce] = [hash('channel'), hash('nonce')];
const asked = { channel, nonce, receiptSigner, network };

const receipt = signReceipt(
  {
    channel,
    ticket: toBase64url(new Uint8Array(16)),
    sequence: 2,
    requestHash: hash('request'),
    responseHash: hash('response'),
    offerHash: hash('offer'),
    manifestHash: hash('manifest'),
    snapshot: 5,
    status: 'ok',
    charge: '7',
    chargedTotal: '10',
    servedAt: 1_700_000_000_000,
    previous: hash('previous'),
  },
  network,
  key,
);
const fields: ChannelStateFields = {
  channel,
  nonce,
  deposit: '10',
  sequence: 2,
  chargedTotal: '10',
  receiptHash: receiptHash(receipt, network),
  closed: false,
};
const none: ChannelStateFields = { ...fields, sequence: 0, chargedTotal: '0', receiptHash: ZERO_HASH };
const signed = (changes: Partial<ChannelStateFields>, of = fields): ChannelState =>
  signChannelState({ ...of, ...changes }, network, key);
const check = (state: ChannelState, beside: Receipt | null = receipt) => checkChannelState({ state, receipt: beside }, asked);
const refused = (why: RegExp) =>
  expect.objectContaining({ code: 'CHANNEL_STATE', message: expect.stringMatching(why) as string });
const error = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (thrown) {
    return thrown;
  }
};

describe('the state of a channel', () => {
  it('is accepted up to the deposit, with its last receipt or without any', () => {
    expect(check(signed({}))).toEqual(signed({}));
    expect(check(signed({ closed: true }))).toMatchObject({ closed: true });
    expect(check(signed({}, none), null)).toEqual(signed({}, none));
  });

  it.each<[string, ChannelState, Receipt | null, RegExp]>([
    ['of another channel', signed({ channel: hash('other') }), receipt, /another channel/],
    ['for another call', signed({ nonce: hash('other') }), receipt, /another call/],
    ['signed over other members', { ...signed({}), closed: true }, receipt, /not signed/],
    ['above its deposit', signed({ deposit: '9' }), receipt, /more than the deposit/],
    ['with charges and no receipt', signed({ sequence: 0 }), null, /charges and no receipt/],
    ['with a number and no receipt', signed({}), null, /no receipt beside it/],
    ['with a receipt and no number', signed({ sequence: 0 }), receipt, /one too many/],
    ['with another number than its receipt', signed({ sequence: 3 }), receipt, /contradicts/],
    ['with another total than its receipt', signed({ chargedTotal: '9' }), receipt, /contradicts/],
    ['with the hash of another receipt', signed({ receiptHash: hash('other') }), receipt, /contradicts/],
  ])('is refused %s', (_, state, beside, why) => {
    expect(error(() => check(state, beside))).toEqual(refused(why));
  });

  it('is refused beside a receipt of another channel whose hash it names', () => {
    const foreign = signReceipt({ ...receipt, channel: hash('other') }, network, key);
    const state = signed({ receiptHash: receiptHash(foreign, network) });
    expect(error(() => check(state, foreign))).toEqual(refused(/contradicts/));
  });
});

it('refuses amounts and hashes of other sizes before it hashes them', () => {
  expect(() => signed({ deposit: String(1n << 128n) })).toThrow(RangeError);
  expect(() => signed({ deposit: '-1' })).toThrow(RangeError);
  expect(() => signed({ receiptHash: 'ff'.repeat(31) })).toThrow(RangeError);
  expect(() => signed({ deposit: String((1n << 128n) - 1n) })).not.toThrow();
});
