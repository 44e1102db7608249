// A ledger for tests and benchmarks: fixed keys, a clock moved by hand, and a payer whose channel is charged.
import { channelId, networkOf, signOpenChannel, signVoucher } from '@tributary/proof/payment';
import { ed25519PublicKey, secp256k1PublicKey, sha256, toBase64url, toHex, utf8, ZERO_HASH } from '@tributary/proof/primitives';
import { addressFromPublicKey, didFromPublicKey, makeIndexId } from '@tributary/proof/statements';
import type { ChannelTerms, HeldVoucher, OpenChannel, Receipt } from '@tributary/schemas';
import type { Ledger } from '../payments/ledger.ts';
import type { SettleOrder } from '../payments/settle.ts';

export const START_MS = 1_800_000_000_000;
const seed = (name: string): Uint8Array => sha256(utf8(`test key of ${name}`));

export const OWNER_SEED = seed('owner');
const ownerKey = ed25519PublicKey(OWNER_SEED);
const OWNER_DID = didFromPublicKey(ownerKey);
export const NETWORK = networkOf(OWNER_DID);
export const RECEIPT_KEY = seed('receipt signer');
export const PAYEE = addressFromPublicKey(secp256k1PublicKey(RECEIPT_KEY));
export const indexIdOf = (name: string): string => makeIndexId(name, ownerKey);

export function handClock(start = START_MS): { now(): number; advance(ms: number): void } {
  let time = start;
  return {
    now: () => time,
    advance(ms) {
      time += ms;
    },
  };
}

export interface Payer {
  readonly key: Uint8Array;
  readonly address: string;
}
export function payerOf(name: string): Payer {
  const key = seed(`payer ${name}`);
  return { key, address: addressFromPublicKey(secp256k1PublicKey(key)) };
}

export function opening(payer: Payer, deposit: bigint, change: Partial<ChannelTerms> & { saltOf?: string } = {}): OpenChannel {
  const { saltOf = 'first', ...terms } = change;
  const all: ChannelTerms = {
    payer: payer.address,
    voucherSigner: payer.address,
    payee: PAYEE,
    salt: toHex(sha256(utf8(saltOf))),
    ...terms,
  };
  return signOpenChannel(
    all,
    { deposit: String(deposit), nonce: toHex(sha256(utf8(`nonce ${saltOf} ${deposit}`))) },
    NETWORK,
    payer.key,
  );
}
export const channelOf = (open: OpenChannel): string => channelId(open.terms, NETWORK);

export const ticketIdOf = (name: string): string => toBase64url(sha256(utf8(name)).subarray(0, 16));

export function voucherFor(channel: string, cumulative: bigint, payer: Payer, ctx = ZERO_HASH): HeldVoucher {
  const fields = { channel, cumulative: String(cumulative), ctx };
  return { cumulative: fields.cumulative, ctx, signature: signVoucher(fields, NETWORK, payer.key) };
}

/** An answered ticket in the form that the serve line gives to the ledger. */
export function orderFor(
  channel: string,
  name: string,
  charge: bigint,
  voucher: HeldVoucher,
  change: Partial<SettleOrder> = {},
): SettleOrder {
  const hash = toHex(sha256(utf8(name)));
  return {
    channel,
    ticket: ticketIdOf(name),
    deadline: START_MS + 30_000,
    offerHash: hash,
    requestHash: hash,
    responseHash: hash,
    manifestHash: hash,
    snapshot: 1,
    status: charge === 0n ? 'empty' : 'ok',
    charge,
    index: indexIdOf('docs'),
    request: '{}',
    servedAt: START_MS,
    answer: { snapshot: 1, items: [], queryVector: null, statistics: null },
    goneBody: null,
    voucher,
    exposure: null,
    ...change,
  };
}

/** Options of a test ledger, wherever its files are. */
export const ledgerOptions = { network: NETWORK, payee: PAYEE, receiptKey: RECEIPT_KEY, now: (): number => START_MS };

/** A payer with credit and one channel, and the voucher that covers its charges. */
export interface PayingChannel {
  readonly payer: Payer;
  readonly request: OpenChannel;
  readonly channel: string;
  readonly voucher: HeldVoucher;
  /** Grants the credit and opens the channel. */
  fund(ledger: Ledger): Promise<void>;
  charge(ledger: Ledger, ticket: string, amount: bigint, change?: Partial<SettleOrder>): Promise<Receipt>;
}

export function payingChannel({
  granted = 2_000n,
  deposit = 1_000n,
  cumulative = deposit,
}: { granted?: bigint; deposit?: bigint; cumulative?: bigint } = {}): PayingChannel {
  const payer = payerOf('alice');
  const request = opening(payer, deposit);
  const channel = channelOf(request);
  const voucher = voucherFor(channel, cumulative, payer);
  return {
    payer,
    request,
    channel,
    voucher,
    async fund(ledger) {
      await ledger.grant({ payer: payer.address, amount: granted, note: '' });
      await ledger.openChannel(request);
    },
    async charge(ledger, ticket, amount, change = {}) {
      const order = orderFor(channel, ticket, amount, change.voucher ?? voucher, change);
      const room = ledger.reserve(channel, amount, order.voucher);
      return ledger.settle(order, room).finally(room.release);
    },
  };
}
