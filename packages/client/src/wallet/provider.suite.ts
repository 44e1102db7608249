// A provider for the tests of the wallet: it grants credit, keeps channels by the rules of docs/spec/payment.md, and
// numbers and signs receipts.
import {
  channelId,
  networkOf,
  receiptHash,
  recoverAboutChannel,
  recoverOpenChannel,
  recoverVoucher,
  signChannelState,
  signReceipt,
  ticketHash,
} from '@tributary/proof/payment';
import { ed25519PublicKey, secp256k1PublicKey, ZERO_HASH } from '@tributary/proof/primitives';
import { addressFromPublicKey, didFromPublicKey } from '@tributary/proof/statements';
import { TributaryError, type AboutChannel, type ChannelTerms, type Receipt, type ToldChannel } from '@tributary/schemas';
import type { PayeeFacts, Payment, PaymentRequest, ProviderLedger, Wallet } from './wallet.ts';

export const keyOf = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
const addressOf = (key: Uint8Array) => addressFromPublicKey(secp256k1PublicKey(key));

export interface ShopChannel {
  readonly id: string;
  readonly terms: ChannelTerms;
  deposit: bigint;
  charged: bigint;
  sequence: number;
  hash: string;
  receipt: Receipt | null;
  best: bigint;
  reserved: bigint;
  closed: boolean;
  /** Receipts by ticket. */
  readonly answered: Map<string, Receipt>;
}

export interface ShopOptions {
  key?: number;
  owner?: number;
  credit?: bigint;
  maxInFlight?: number;
  /** Runs before or after each call of the ledger. The wallet sees what it throws. */
  fault?: (method: keyof ProviderLedger, when: 'before' | 'after') => void;
}

export interface Shop {
  readonly ledger: ProviderLedger;
  readonly payee: PayeeFacts;
  readonly channels: Map<string, ShopChannel>;
  /** The requested deposits, in order. */
  readonly deposits: bigint[];
  /** Calls that reached the provider. */
  readonly calls: string[];
  granted: bigint;
  request(maxCharge: bigint, change?: Partial<PaymentRequest>): PaymentRequest;
  /** Accepts a payment, or returns the code with which it is refused. */
  admit(payment: Payment): string | null;
  /** Books an answer to an accepted payment. A ticket that was answered gets the same receipt. */
  charge(payment: Payment, charge: bigint): Receipt;
  /** Admits, charges, and lets the wallet acknowledge. */
  serve(wallet: Wallet, payment: Payment, charge: bigint): Promise<Receipt>;
  /** Lets the wallet acknowledge an answer, which is then delivered. */
  acknowledge(wallet: Wallet, payment: Payment, receipt: Receipt): Promise<void>;
  /** Address that signed the voucher of a payment. */
  signerOf(payment: Payment): string | null;
}

export function openShop(options: ShopOptions = {}): Shop {
  const { key = 7, owner = 1, credit = 1_000_000n, maxInFlight = 32, fault } = options;
  const did = didFromPublicKey(ed25519PublicKey(keyOf(owner)));
  const network = networkOf(did);
  const payee = { did, receiptSigner: addressOf(keyOf(key)), payee: addressOf(keyOf(key)), network, maxInFlight };
  const channels = new Map<string, ShopChannel>();
  const deposits: bigint[] = [];
  const calls: string[] = [];
  let tickets = 0;
  const tell = (channel: ShopChannel, nonce: string): ToldChannel => {
    const { id, deposit, sequence, charged, hash, closed, receipt } = channel;
    const booked = {
      channel: id,
      deposit: String(deposit),
      sequence,
      chargedTotal: String(charged),
      receiptHash: hash,
      closed,
      nonce,
    };
    return { state: signChannelState(booked, network, keyOf(key)), receipt };
  };
  const available = () =>
    [...channels.values()].reduce((sum, { deposit, charged, closed }) => sum - (closed ? charged : deposit), shop.granted);
  const about = (method: 'channelState' | 'closeChannel', asked: AboutChannel): ShopChannel => {
    const channel = channels.get(asked.channel);
    if (!channel || recoverAboutChannel(method, asked, network) !== channel.terms.payer)
      throw new TributaryError('CHANNEL_UNKNOWN', 'no such channel');
    return channel;
  };
  const call = async <Result>(method: keyof ProviderLedger, work: () => Result): Promise<Result> => {
    fault?.(method, 'before');
    calls.push(method);
    const result = work();
    fault?.(method, 'after');
    return result;
  };
  const ledger: ProviderLedger = {
    credit: () => call('credit', available),
    open: (open) =>
      call('open', () => {
        const id = channelId(open.terms, network);
        if (open.terms.payee !== payee.payee || recoverOpenChannel(open, network) !== open.terms.payer)
          throw new TributaryError('CHANNEL_TERMS', 'not ours');
        const deposit = BigInt(open.deposit);
        deposits.push(deposit);
        const known = channels.get(id);
        if (known?.closed) return tell(known, open.nonce);
        const more = deposit - (known?.deposit ?? 0n);
        if (more > available()) throw new TributaryError('CREDIT_INSUFFICIENT', `${available()} available`);
        const fresh = { id, terms: open.terms, deposit: 0n, charged: 0n, sequence: 0, hash: ZERO_HASH, receipt: null };
        const channel = known ?? { ...fresh, best: 0n, reserved: 0n, closed: false, answered: new Map() };
        channels.set(id, channel);
        if (more > 0n) channel.deposit = deposit;
        return tell(channel, open.nonce);
      }),
    read: (asked) => call('read', () => tell(about('channelState', asked), asked.nonce)),
    close: (asked) =>
      call('close', () => {
        const channel = about('closeChannel', asked);
        if (channel.reserved > 0n) throw new TributaryError('IN_FLIGHT_CAP', 'questions are at work');
        channel.closed = true;
        return tell(channel, asked.nonce);
      }),
  };
  const shop: Shop = {
    ledger,
    payee,
    channels,
    deposits,
    calls,
    granted: credit,
    request: (maxCharge, change = {}) => ({
      payee,
      offerHash: ZERO_HASH,
      requestHash: ZERO_HASH,
      ticketId: Buffer.from(String((tickets += 1)).padStart(16, '0')).toString('base64url'),
      maxCharge,
      deadline: 1_790_000_060_000,
      ...change,
    }),
    admit(payment) {
      const channel = channels.get(payment.channel);
      if (!channel || channel.closed) return 'CHANNEL_UNKNOWN';
      if (shop.signerOf(payment) !== channel.terms.voucherSigner) return 'VOUCHER_INVALID';
      if (channel.answered.has(payment.ticket.id)) return null;
      const cumulative = BigInt(payment.voucher.cumulative);
      const needed = channel.charged + channel.reserved + BigInt(payment.ticket.maxCharge);
      if (cumulative > channel.deposit || needed > channel.deposit) return 'CREDIT_INSUFFICIENT';
      if ((cumulative > channel.best ? cumulative : channel.best) < needed) return 'VOUCHER_INSUFFICIENT';
      if (cumulative > channel.best) channel.best = cumulative;
      channel.reserved += BigInt(payment.ticket.maxCharge);
      return null;
    },
    charge({ channel: id, ticket }, charge) {
      const channel = channels.get(id)!;
      const before = channel.answered.get(ticket.id);
      if (before) return before;
      channel.reserved -= BigInt(ticket.maxCharge);
      const fields = {
        channel: id,
        ticket: ticket.id,
        sequence: channel.sequence + 1,
        requestHash: ticket.request,
        responseHash: ZERO_HASH,
        offerHash: ticket.offer,
        manifestHash: ZERO_HASH,
        snapshot: 1,
        status: 'ok' as const,
        charge: String(charge),
        chargedTotal: String(channel.charged + charge),
        servedAt: 1,
        previous: channel.hash,
      };
      const receipt = signReceipt(fields, network, keyOf(key));
      channel.answered.set(ticket.id, receipt);
      Object.assign(channel, {
        charged: channel.charged + charge,
        sequence: fields.sequence,
        receipt,
        hash: receiptHash(receipt, network),
      });
      return receipt;
    },
    async serve(wallet, payment, charge) {
      const refused = shop.admit(payment);
      if (refused) throw new Error(refused);
      const receipt = shop.charge(payment, charge);
      await shop.acknowledge(wallet, payment, receipt);
      return receipt;
    },
    async acknowledge(wallet, payment, receipt) {
      await wallet.acknowledge(payment, receipt, receiptHash(receipt, network));
      wallet.delivered(payment);
    },
    signerOf: ({ channel, ticket, voucher }) =>
      recoverVoucher({ channel, cumulative: voucher.cumulative, ctx: ticketHash(ticket) }, voucher.signature, network),
  };
  return shop;
}
