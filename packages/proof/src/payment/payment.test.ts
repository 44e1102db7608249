import type { ChannelTerms } from '@tributary/schemas';
import fc from 'fast-check';
import { hashTypedData, recoverAddress, type TypedDataDomain } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { describe, expect, test } from 'vitest';
import { secp256k1PublicKey, sha256 } from '#crypto';
import { fromBase64url, toBase64url, toHex, utf8 } from '../bytes.ts';
import { addressFromPublicKey } from '../identity.ts';
import { aboutChannelDigest, channelId, openChannelDigest, recoverOpenChannel, signOpenChannel } from './channel.ts';
import { channelStateDigest } from './channel-state.ts';
import type { Network } from './eip712.ts';
import { networkOf } from './network.ts';
import { offerDigest } from './offer.ts';
import { receiptDigest, receiptHash, recoverReceipt, signReceipt } from './receipt.ts';
import { ticketHash, recoverVoucher, signVoucher, voucherDigest } from './voucher.ts';

const key = sha256(utf8('voucher key'));
const address = addressFromPublicKey(secp256k1PublicKey(key));
const hex = (bytes: number) => fc.uint8Array({ minLength: bytes, maxLength: bytes }).map(toHex);
const addresses = hex(20).map((digits) => `0x${digits}`);
const money = fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }).map(String);
const count = fc.maxSafeNat();
const networks = fc.record({ id: fc.constant('test'), chainId: count, verifyingContract: addresses });
const domain = (network: Network): TypedDataDomain => ({
  name: 'Tributary',
  version: '1',
  chainId: network.chainId,
  verifyingContract: network.verifyingContract as `0x${string}`,
});
const TYPES = {
  Channel: 'address payer,address voucherSigner,address payee,bytes32 salt',
  OpenChannel: 'bytes32 channelId,uint128 deposit',
  ReadChannel: 'bytes32 channelId,bytes32 nonce',
  CloseChannel: 'bytes32 channelId,bytes32 nonce',
  ChannelState:
    'bytes32 channelId,uint128 deposit,uint64 sequence,uint128 chargedTotal,bytes32 receiptHash,bool closed,bytes32 nonce',
  Voucher: 'bytes32 channelId,uint128 cumulative,bytes32 ctx',
  Receipt:
    'bytes32 channelId,bytes16 ticketId,uint64 sequence,bytes32 requestHash,bytes32 responseHash,bytes32 offerHash,bytes32 manifestHash,uint64 snapshot,uint8 status,uint128 charge,uint128 chargedTotal,uint64 servedAt,bytes32 previous',
  Offer: 'bytes32 offerHash,uint128 maxCharge,uint64 expiry',
} as const;

/** The digest that viem computes for the type as docs/spec/payment.md prints it. */
function viemDigest(primaryType: keyof typeof TYPES, message: Record<string, unknown>, network: Network): string {
  const members = TYPES[primaryType].split(',').map((member) => member.split(' ') as [string, string]);
  const types: Record<string, { type: string; name: string }[]> = {
    [primaryType]: members.map(([type, name]) => ({ type, name })),
  };
  return hashTypedData({ domain: domain(network), types, primaryType, message }).slice(2);
}
const hex0x = (digits: string) => `0x${digits}`;

describe('digests equal those of viem', () => {
  test('channel and its opening', () => {
    const terms = fc.record({
      payer: addresses,
      voucherSigner: addresses,
      payee: addresses,
      salt: hex(32),
    });
    fc.assert(
      fc.property(terms, money, networks, (value, deposit, network) => {
        const id = channelId(value, network);
        expect(id).toBe(viemDigest('Channel', { ...value, salt: hex0x(value.salt) }, network));
        const opening = { channelId: hex0x(id), deposit: BigInt(deposit) };
        expect(toHex(openChannelDigest(id, deposit, network))).toBe(viemDigest('OpenChannel', opening, network));
      }),
    );
  });

  test("a payer's request about a channel, and the state in reply", () => {
    fc.assert(
      fc.property(hex(32), hex(32), networks, (channel, nonce, network) => {
        const message = { channelId: hex0x(channel), nonce: hex0x(nonce) };
        const digest = (method: 'channelState' | 'closeChannel') =>
          toHex(aboutChannelDigest(method, { channel, nonce }, network));
        expect(digest('channelState')).toBe(viemDigest('ReadChannel', message, network));
        expect(digest('closeChannel')).toBe(viemDigest('CloseChannel', message, network));
      }),
    );
    const states = fc.record({
      channel: hex(32),
      deposit: money,
      sequence: count,
      chargedTotal: money,
      receiptHash: hex(32),
      closed: fc.boolean(),
      nonce: hex(32),
    });
    fc.assert(
      fc.property(states, networks, (value, network) => {
        const { channel, deposit, chargedTotal, receiptHash: last, nonce, ...rest } = value;
        const amounts = { deposit: BigInt(deposit), chargedTotal: BigInt(chargedTotal) };
        const message = { ...rest, ...amounts, channelId: hex0x(channel), receiptHash: hex0x(last), nonce: hex0x(nonce) };
        expect(toHex(channelStateDigest(value, network))).toBe(viemDigest('ChannelState', message, network));
      }),
    );
  });

  test('voucher', () => {
    fc.assert(
      fc.property(fc.record({ channel: hex(32), cumulative: money, ctx: hex(32) }), networks, (value, network) => {
        const message = { channelId: hex0x(value.channel), cumulative: BigInt(value.cumulative), ctx: hex0x(value.ctx) };
        expect(toHex(voucherDigest(value, network))).toBe(viemDigest('Voucher', message, network));
      }),
    );
  });

  test('receipt', () => {
    const receipts = fc.record({
      channel: hex(32),
      ticket: fc.uint8Array({ minLength: 16, maxLength: 16 }).map(toBase64url),
      sequence: count,
      requestHash: hex(32),
      responseHash: hex(32),
      offerHash: hex(32),
      manifestHash: hex(32),
      snapshot: count,
      status: fc.constantFrom('ok', 'empty', 'gone'),
      charge: money,
      chargedTotal: money,
      servedAt: count,
      previous: hex(32),
    });
    fc.assert(
      fc.property(receipts, networks, (value, network) => {
        const { channel, ticket, status, charge, chargedTotal, ...rest } = value;
        const hashes = ['requestHash', 'responseHash', 'offerHash', 'manifestHash', 'previous'] as const;
        const message = {
          ...rest,
          ...Object.fromEntries(hashes.map((name) => [name, hex0x(value[name])])),
          channelId: hex0x(channel),
          ticketId: hex0x(toHex(fromBase64url(ticket))),
          status: ['ok', 'empty', 'gone'].indexOf(status),
          charge: BigInt(charge),
          chargedTotal: BigInt(chargedTotal),
        };
        expect(toHex(receiptDigest(value, network))).toBe(viemDigest('Receipt', message, network));
        expect(receiptHash(value, network)).toBe(toHex(receiptDigest(value, network)));
      }),
    );
  });

  test('offer', () => {
    fc.assert(
      fc.property(hex(32), money, count, networks, (hash, maxCharge, expiry, network) => {
        const message = { offerHash: hex0x(hash), maxCharge: BigInt(maxCharge), expiry };
        expect(toHex(offerDigest(hash, { maxCharge, expiry, network }))).toBe(viemDigest('Offer', message, network));
      }),
    );
  });
});

describe('signatures', () => {
  const network = networkOf('did:key:z6MktwupdmLXVVqTzCw4i46r4uGyosGXRnR3XjN4Zq7oMMsw');
  const fields = { channel: '11'.repeat(32), cumulative: '5', ctx: '22'.repeat(32) };

  test('are those of the same key in viem, and viem recovers ours', async () => {
    const signature = signVoucher(fields, network, key);
    expect(recoverVoucher(fields, signature, network)).toBe(address);
    const account = privateKeyToAccount(`0x${toHex(key)}`);
    expect(account.address.toLowerCase()).toBe(address);
    const hash = `0x${toHex(voucherDigest(fields, network))}` as const;
    expect((await account.sign({ hash })).slice(2)).toBe(signature);
    expect((await recoverAddress({ hash, signature: `0x${signature}` })).toLowerCase()).toBe(address);
  });

  test('a voucher for one ledger is worthless on another', () => {
    const other = networkOf('did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp');
    expect(other.verifyingContract).not.toBe(network.verifyingContract);
    expect(other.verifyingContract).toMatch(/^0x[0-9a-f]{40}$/);
    expect(recoverVoucher(fields, signVoucher(fields, network, key), other)).not.toBe(address);
  });

  test('no changed digit of a signature recovers the signer', () => {
    const signature = signVoucher(fields, network, key);
    for (let at = 0; at < signature.length; at += 1) {
      const digit = (Number.parseInt(signature.charAt(at), 16) ^ 1).toString(16);
      expect(recoverVoucher(fields, signature.slice(0, at) + digit + signature.slice(at + 1), network)).not.toBe(address);
    }
  });

  test('opening a channel', () => {
    const terms: ChannelTerms = {
      payer: address,
      voucherSigner: address,
      payee: address,
      salt: '00'.repeat(32),
    };
    const open = signOpenChannel(terms, { deposit: '1000', nonce: '00'.repeat(32) }, network, key);
    expect(recoverOpenChannel(open, network)).toBe(address);
    expect(recoverOpenChannel({ ...open, deposit: '1001' }, network)).not.toBe(address);
  });

  test('receipt', () => {
    const zero = '00'.repeat(32);
    const receipt = signReceipt(
      {
        channel: zero,
        ticket: toBase64url(new Uint8Array(16)),
        sequence: 0,
        requestHash: zero,
        responseHash: zero,
        offerHash: zero,
        manifestHash: zero,
        snapshot: 0,
        status: 'ok',
        charge: '0',
        chargedTotal: '0',
        servedAt: 0,
        previous: zero,
      },
      network,
      key,
    );
    expect(recoverReceipt(receipt, network)).toBe(address);
    expect(recoverReceipt({ ...receipt, status: 'gone' }, network)).not.toBe(address);
  });

  test('every field of a ticket is in its hash', () => {
    const ticket = {
      channel: '01'.repeat(32),
      id: toBase64url(new Uint8Array(16)),
      offer: '02'.repeat(32),
      request: '03'.repeat(32),
      maxCharge: '4',
      deadline: 5,
      ackedTotal: '6',
      ackedReceipt: '07'.repeat(32),
    };
    const other = {
      channel: '11'.repeat(32),
      id: toBase64url(new Uint8Array(16).fill(1)),
      offer: '12'.repeat(32),
      request: '13'.repeat(32),
      maxCharge: '14',
      deadline: 15,
      ackedTotal: '16',
      ackedReceipt: '17'.repeat(32),
    };
    const hashes = Object.entries(other).map(([name, value]) => ticketHash({ ...ticket, [name]: value }));
    expect(new Set([ticketHash(ticket), ...hashes]).size).toBe(9);
  });
});
