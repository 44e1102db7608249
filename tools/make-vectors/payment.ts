import { toHex } from '../../packages/proof/src/bytes.ts';
import {
  aboutChannelDigest,
  channelId,
  openChannelDigest,
  signAboutChannel,
  signOpenChannel,
} from '../../packages/proof/src/payment/channel.ts';
import { channelStateDigest, signChannelState } from '../../packages/proof/src/payment/channel-state.ts';
import { networkOf } from '../../packages/proof/src/payment/network.ts';
import { receiptHash, signReceipt } from '../../packages/proof/src/payment/receipt.ts';
import { ticketHash, signVoucher, voucherDigest } from '../../packages/proof/src/payment/voucher.ts';
import { addressOf, makeTestBundle, receiptKey } from '../../packages/proof/test/_bundle.ts';
import { OWNER, seed } from '../../packages/proof/test/_index.ts';
import { invalid, seedOf, valid, type Vectors } from './case.ts';

const SECP256K1_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const { payment, receipt } = makeTestBundle();
const free = makeTestBundle({ free: true }).receipt;
const { terms, ticket, voucher } = payment!;
const network = networkOf(OWNER);
const payerKey = seed('payer');
const nonce = 'ab'.repeat(32);
const open = signOpenChannel(terms, { deposit: '5000', nonce }, network, payerKey);
const fields = { channel: ticket.channel, cumulative: voucher.cumulative, ctx: ticketHash(ticket) };
const paid = { ...fields, network, signature: voucher.signature };
const anvil = { id: 'eip155:31337', chainId: 31_337, verifyingContract: '0x5fbdb2315678afecb367f032d93f642f64180aa3' };

function highS(signature: string): string {
  const s = (SECP256K1_ORDER - BigInt(`0x${signature.slice(64, 128)}`)).toString(16).padStart(64, '0');
  return signature.slice(0, 64) + s + (signature.endsWith('1b') ? '1c' : '1b');
}
const badVoucher = (comment: string, input: object) =>
  invalid('voucher', 'VOUCHER_SIGNATURE', comment, { ...paid, signer: addressOf(payerKey), ...input });
const badReceipt = (comment: string, input: object) =>
  invalid('receipt', 'RECEIPT_SIGNATURE', comment, { receipt: { ...receipt, ...input }, network, signer: addressOf(receiptKey) });

const about = signAboutChannel('channelState', { channel: ticket.channel, nonce }, network, payerKey);
const closing = signAboutChannel('closeChannel', { channel: ticket.channel, nonce }, network, payerKey);
const aboutResult = (method: 'channelState' | 'closeChannel', signed: typeof about) => ({
  digest: toHex(aboutChannelDigest(method, signed, network)),
  signer: terms.payer,
});
const badAbout = (comment: string, input: object) =>
  invalid('about-channel', 'CHANNEL_UNKNOWN', comment, { method: 'channelState', about, network, payer: terms.payer, ...input });

const booked = {
  channel: ticket.channel,
  deposit: '5000',
  sequence: receipt.sequence,
  chargedTotal: receipt.chargedTotal,
  receiptHash: receiptHash(receipt, network),
  closed: false,
  nonce,
};
const state = signChannelState(booked, network, receiptKey);
const unused = signChannelState({ ...booked, sequence: 0, chargedTotal: '0', receiptHash: '0'.repeat(64) }, network, receiptKey);
const toldWith = (change: Partial<typeof booked>, beside: typeof receipt | null = receipt) => ({
  told: { state: signChannelState({ ...booked, ...change }, network, receiptKey), receipt: beside },
});
const asked = { channel: ticket.channel, nonce, receiptSigner: addressOf(receiptKey), network };
const stateResult = (signed: typeof state) => ({ state: signed, digest: toHex(channelStateDigest(signed, network)) });
const badState = (comment: string, input: object) =>
  invalid('channel-state', 'CHANNEL_STATE', comment, { ...asked, told: { state, receipt }, ...input });

export const paymentVectors: Vectors = {
  valid: [
    valid('network', 'the embedded ledger of an owner', { did: OWNER }, { network: networkOf(OWNER) }),
    valid('channel', 'on an embedded ledger', { terms, network }, { channelId: channelId(terms, network) }),
    valid('channel', 'on a chain', { terms, network: anvil }, { channelId: channelId(terms, anvil) }),
    valid(
      'open-channel',
      'signed by the payer',
      { open, network },
      { digest: toHex(openChannelDigest(channelId(terms, network), open.deposit, network)), payer: terms.payer },
    ),
    valid(
      'about-channel',
      'a payer reads its state',
      { method: 'channelState', about, network },
      aboutResult('channelState', about),
    ),
    valid(
      'about-channel',
      'a payer closes it',
      { method: 'closeChannel', about: closing, network },
      aboutResult('closeChannel', closing),
    ),
    valid('channel-state', 'after some receipts', { ...asked, told: { state, receipt } }, stateResult(state)),
    valid(
      'channel-state',
      'closed',
      { ...asked, ...toldWith({ closed: true }) },
      stateResult(toldWith({ closed: true }).told.state),
    ),
    valid('channel-state', 'before the first receipt', { ...asked, told: { state: unused, receipt: null } }, stateResult(unused)),
    valid('ticket', 'with an acknowledged receipt', { ticket }, { ctx: ticketHash(ticket) }),
    valid(
      'ticket',
      'the first of a channel',
      { ticket: { ...ticket, ackedTotal: '0', ackedReceipt: '0'.repeat(64) } },
      { ctx: ticketHash({ ...ticket, ackedTotal: '0', ackedReceipt: '0'.repeat(64) }) },
    ),
    valid('voucher', 'for the ticket above', paid, {
      digest: toHex(voucherDigest(fields, network)),
      signer: terms.voucherSigner,
    }),
    valid(
      'receipt',
      'of a paid answer',
      { receipt, network },
      { hash: receiptHash(receipt, network), signer: addressOf(receiptKey) },
    ),
    valid(
      'receipt',
      'of a free answer',
      { receipt: free, network },
      { hash: receiptHash(free, network), signer: addressOf(receiptKey) },
    ),
  ],
  invalid: [
    invalid('open-channel', 'CHANNEL_TERMS', 'deposit raised after signing', { open: { ...open, deposit: '5001' }, network }),
    invalid('open-channel', 'CHANNEL_TERMS', 'signed by another', {
      open: signOpenChannel(terms, { deposit: '5000', nonce }, network, seedOf(9)),
      network,
    }),
    badAbout('a question about its state, taken for a closing', { method: 'closeChannel' }),
    badAbout('signed by another', { about: signAboutChannel('channelState', about, network, seedOf(9)) }),
    badAbout('another nonce', { about: { ...about, nonce: 'ac'.repeat(32) } }),
    badState('deposit raised after signing', { told: { state: { ...state, deposit: '5001' }, receipt } }),
    badState('said to be closed after signing', { told: { state: { ...state, closed: true }, receipt } }),
    badState('signed by another', { told: { state: signChannelState(booked, network, seedOf(9)), receipt } }),
    badState('of another channel', { channel: 'ab'.repeat(32) }),
    badState('the answer to another call', { nonce: 'ac'.repeat(32) }),
    badState('for another ledger', { network: anvil }),
    badState('without the receipt', { told: { state, receipt: null } }),
    badState('beside another receipt', { told: { state, receipt: { ...receipt, sequence: receipt.sequence + 1 } } }),
    badState('with charges before the first receipt', toldWith({ sequence: 0, receiptHash: '0'.repeat(64) }, null)),
    badState('charged beyond the deposit', toldWith({ deposit: '1' })),
    badVoucher('signed by another', { signature: signVoucher(fields, network, seedOf(9)) }),
    badVoucher('for another ledger', { network: anvil }),
    badVoucher('total raised after signing', { cumulative: '99999' }),
    badVoucher('the high s of the same signature', { signature: highS(voucher.signature) }),
    badVoucher('recovery id 0 or 1 instead of 27 or 28', { signature: `${voucher.signature.slice(0, 129)}0` }),
    badVoucher('r and s of zero', { signature: `${'0'.repeat(128)}1b` }),
    badReceipt('charge lowered after signing', { charge: '1' }),
    badReceipt('status changed after signing', { status: 'gone' }),
    badReceipt('signed by another', { signature: signReceipt(receipt, network, seedOf(9)).signature }),
    badReceipt('the high s of the same signature', { signature: highS(receipt.signature) }),
  ],
};
