// The payee's side of a wallet in its tests: grants credit, opens channels, numbers and signs receipts.
import {
  addressFromPublicKey,
  channelId,
  didFromPublicKey,
  ed25519PublicKey,
  networkOf,
  receiptHash,
  recoverVoucher,
  secp256k1PublicKey,
  signChannelState,
  signReceipt,
  ticketHash,
  type Network,
} from '@tributary/proof';
import type { Receipt } from '@tributary/schemas';
import type { ChannelOpener, Payment, PaymentRequest, Wallet } from './wallet.ts';

export const keyOf = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
const network = networkOf(didFromPublicKey(ed25519PublicKey(keyOf(1))));
const addressOf = (key: Uint8Array) => addressFromPublicKey(secp256k1PublicKey(key));
const ZERO_HASH = '0'.repeat(64);

/** A payee that opens every channel and tells nothing more. */
export const plainOpener = (on: Network): ChannelOpener => ({
  credit: async () => 1_000n,
  open: async ({ terms, deposit, nonce }) => ({
    state: signChannelState(
      {
        channel: channelId(terms, on),
        deposit,
        sequence: 0,
        chargedTotal: '0',
        receiptHash: ZERO_HASH,
        closed: false,
        nonce,
      },
      on,
      keyOf(7),
    ),
    receipt: null,
  }),
});

export interface Shop {
  opener: ChannelOpener;
  /** Address that signs its receipts. */
  receiptSigner: string;
  /** Deposits as they were asked for, in order. */
  deposits: bigint[];
  request(maxCharge: bigint, id?: string): PaymentRequest;
  /** Charges a payment as a provider would and books its receipt in the wallet. */
  serve(wallet: Wallet, payment: Payment, charge: bigint): Promise<Receipt>;
  /** Address that signed the voucher of a payment. */
  signerOf(payment: Payment): string | null;
}

export function openShop(options: { key?: number; credit?: bigint; maxInFlight?: number } = {}): Shop {
  const { key = 7, credit = 1_000_000n, maxInFlight = 32 } = options;
  let locked = 0n;
  let tickets = 0;
  const chains = new Map<string, { sequence: number; total: bigint; hash: string }>();
  const receipts = new Map<string, Receipt>();
  const deposits: bigint[] = [];
  const opener: ChannelOpener = {
    credit: async () => credit - locked,
    open: async ({ terms, deposit, nonce }) => {
      const channel = channelId(terms, network);
      locked = BigInt(deposit);
      deposits.push(locked);
      const { sequence, total, hash } = chains.get(channel) ?? { sequence: 0, total: 0n, hash: ZERO_HASH };
      const booked = { channel, deposit, sequence, chargedTotal: String(total), receiptHash: hash, closed: false, nonce };
      return { state: signChannelState(booked, network, keyOf(key)), receipt: receipts.get(channel) ?? null };
    },
  };
  const serve: Shop['serve'] = async (wallet, payment, charge) => {
    const before = chains.get(payment.channel) ?? { sequence: 0, total: 0n, hash: ZERO_HASH };
    const { ticket } = payment;
    const receipt = signReceipt(
      {
        channel: payment.channel,
        ticket: ticket.id,
        sequence: before.sequence + 1,
        requestHash: ticket.request,
        responseHash: ZERO_HASH,
        offerHash: ticket.offer,
        manifestHash: ZERO_HASH,
        snapshot: 1,
        status: 'ok',
        charge: String(charge),
        chargedTotal: String(before.total + charge),
        servedAt: 1,
        previous: before.hash,
      },
      network,
      keyOf(key),
    );
    const hash = receiptHash(receipt, network);
    receipts.set(payment.channel, receipt);
    chains.set(payment.channel, { sequence: receipt.sequence, total: before.total + charge, hash });
    await wallet.acknowledge(payment, receipt, hash);
    return receipt;
  };
  return {
    opener,
    receiptSigner: addressOf(keyOf(key)),
    deposits,
    serve,
    request: (maxCharge, id) => ({
      payee: { payee: addressOf(keyOf(key)), network, maxInFlight },
      offerHash: ZERO_HASH,
      requestHash: ZERO_HASH,
      ticketId: id ?? Buffer.from(String((tickets += 1)).padStart(16, '0')).toString('base64url'),
      maxCharge,
      deadline: 1_790_000_060_000,
    }),
    signerOf: ({ channel, ticket, voucher }) =>
      recoverVoucher({ channel, cumulative: voucher.cumulative, ctx: ticketHash(ticket) }, voucher.signature, network),
  };
}
