import { addressFromPublicKey, secp256k1PublicKey, signVoucher, ticketHash } from '@tributary/proof';
import type { Ticket } from '@tributary/schemas';
import { ClientError } from '../errors.ts';
import { acknowledge, atRisk, openTicket, releaseTicket, roomInFlight, type ChannelState } from './channel-state.ts';
import { openChannel, topUpChannel } from './open-channel.ts';
import { createTurnstile, type Turnstile } from './turnstile.ts';
import type { ChannelOpener, Payment, PaymentRequest, SpendCaps, Wallet } from './wallet.ts';
import { channelGone, channelRow, openWalletDisk, spentRow, ticketGone, ticketRow, type WalletDisk } from './wallet-disk.ts';

export interface LocalWalletOptions {
  directory: string;
  /** secp256k1 private key, 32 bytes. */
  privateKey: Uint8Array;
  caps: SpendCaps;
  /** Unix milliseconds. */
  now(): number;
  randomBytes(length: number): Uint8Array;
}

export interface Books extends LocalWalletOptions {
  address: string;
  disk: WalletDisk;
  /** One channel per payee and ledger; a promise while it is being opened. */
  channels: Map<string, Promise<ChannelState>>;
  turnstiles: Map<string, Turnstile>;
  spent: { day: string; amount: bigint };
}

/** A wallet on this machine's disk: one secp256k1 key, one channel per payee, books in a Level database of its own. */
export async function openLocalWallet(options: LocalWalletOptions): Promise<Wallet> {
  const disk = await openWalletDisk(options.directory);
  const { channels, spent } = await disk.load();
  const books: Books = {
    ...options,
    address: addressFromPublicKey(secp256k1PublicKey(options.privateKey)),
    disk,
    channels: new Map(channels.map((state) => [channelKey(state.terms.payee, state.network.id), Promise.resolve(state)])),
    turnstiles: new Map(),
    spent,
  };
  return {
    address: books.address,
    reserve: (request, opener, signal) => reserve(books, request, opener, signal),
    acknowledge: (payment, receipt, hash) =>
      settle(books, payment, (state) => {
        acknowledge(state, receipt, hash);
        addSpent(books, BigInt(receipt.charge));
      }),
    release: (payment) => settle(books, payment, (state) => releaseTicket(state, payment.ticket.id)),
    abandon: (payment) => abandon(books, payment),
    totals: () => totals(books),
    close: () => disk.close(),
  };
}

async function reserve(books: Books, request: PaymentRequest, opener: ChannelOpener, signal?: AbortSignal): Promise<Payment> {
  await checkCaps(books, request.maxCharge);
  const state = await channelOf(books, request, opener);
  await turnstileOf(books, state).pass(() => roomInFlight(state, request.payee.maxInFlight) > 0, signal);
  const { ticket, cumulative } = await openTicketFunded(books, state, request, opener);
  const written = books.disk.write([ticketRow(state, ticket.id), channelRow(state)]);
  const voucher = {
    cumulative: String(cumulative),
    signature: signVoucher(
      { channel: state.channel, cumulative: String(cumulative), ctx: ticketHash(ticket) },
      state.network,
      books.privateKey,
    ),
  };
  await written; // an open ticket that a crash forgets could be paid twice
  turnstileOf(books, state).turn();
  return { channel: state.channel, terms: state.terms, ticket, voucher, couldLose: atRisk(state) };
}

async function openTicketFunded(books: Books, state: ChannelState, request: PaymentRequest, opener: ChannelOpener) {
  const draft: Omit<Ticket, 'channel' | 'ackedTotal' | 'ackedReceipt'> = {
    id: request.ticketId,
    offer: request.offerHash,
    request: request.requestHash,
    maxCharge: String(request.maxCharge),
    deadline: request.deadline,
  };
  try {
    return openTicket(state, draft);
  } catch (error) {
    if (!(error instanceof ClientError) || error.code !== 'PAYMENT_NEEDED') throw error;
    await topUpChannel(books, state, opener, request.maxCharge);
    return openTicket(state, draft);
  }
}

function channelOf(books: Books, request: PaymentRequest, opener: ChannelOpener): Promise<ChannelState> {
  const key = channelKey(request.payee.payee, request.payee.network.id);
  const known = books.channels.get(key);
  if (known) return known;
  const opening = openChannel(books, request.payee, opener, request.maxCharge);
  books.channels.set(key, opening);
  opening.catch(() => books.channels.delete(key)); // the next query tries again
  return opening;
}

async function settle(books: Books, payment: Payment, change: (state: ChannelState) => void): Promise<void> {
  const state = await channelById(books, payment.channel);
  if (!state?.open.has(payment.ticket.id)) return;
  change(state);
  turnstileOf(books, state).turn();
  await books.disk.write([
    ticketGone(state.channel, payment.ticket.id),
    channelRow(state),
    spentRow(books.spent.day, books.spent.amount),
  ]);
}

/** Stops using a channel whose books the provider no longer agrees with; what it locked stays locked there until it is closed. */
async function abandon(books: Books, payment: Payment): Promise<void> {
  const state = await channelById(books, payment.channel);
  if (!state) return;
  books.channels.delete(channelKey(state.terms.payee, state.network.id));
  await books.disk.write([channelGone(state.channel), ...[...state.open.keys()].map((id) => ticketGone(state.channel, id))], {
    sync: true,
  });
}

async function channelById(books: Books, channel: string): Promise<ChannelState | undefined> {
  for (const pending of books.channels.values()) {
    const state = await pending.catch(() => null);
    if (state?.channel === channel) return state;
  }
  return undefined;
}

async function checkCaps(books: Books, maxCharge: bigint): Promise<void> {
  const { perCall, perDay } = books.caps;
  if (perCall !== null && maxCharge > perCall) {
    throw new ClientError('SPEND_CAP', `the query may cost ${maxCharge}; the cap per call is ${perCall}`);
  }
  if (perDay === null) return;
  let promised = maxCharge + spentToday(books);
  for (const pending of books.channels.values()) {
    const state = await pending.catch(() => null);
    if (state) promised += atRisk(state);
  }
  if (promised > perDay)
    throw new ClientError('SPEND_CAP', `this query could bring today's spending to ${promised}; the cap per day is ${perDay}`);
}

function addSpent(books: Books, charge: bigint): void {
  books.spent = { day: today(books), amount: spentToday(books) + charge };
}

const today = (books: Books): string => new Date(books.now()).toISOString().slice(0, 10);
const spentToday = (books: Books): bigint => (books.spent.day === today(books) ? books.spent.amount : 0n);
const channelKey = (payee: string, network: string): string => `${network} ${payee}`;

async function totals(books: Books) {
  const states = (await Promise.all([...books.channels.values()].map((pending) => pending.catch(() => null)))).filter(
    (state) => state !== null,
  );
  return {
    spentToday: spentToday(books),
    couldLose: states.reduce((sum, state) => sum + atRisk(state), 0n),
    channels: states.length,
  };
}

function turnstileOf(books: Books, state: ChannelState): Turnstile {
  let turnstile = books.turnstiles.get(state.channel);
  if (!turnstile) books.turnstiles.set(state.channel, (turnstile = createTurnstile()));
  return turnstile;
}
