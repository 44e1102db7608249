import { addressFromPublicKey, secp256k1PublicKey, signVoucher, ticketHash } from '@tributary/proof';
import type { Ticket } from '@tributary/schemas';
import { ClientError } from '../errors.ts';
import { systemClock } from '../link/clock.ts';
import type { LinkClock } from '../link/types.ts';
import { openLevelDatabase, type WalletDatabase } from './database.ts';
import { acknowledge, atRisk, openTicket, releaseTicket, roomInFlight, type ChannelState } from './channel-state.ts';
import { openChannel, topUpChannel } from './open-channel.ts';
import { createTurnstile, type Turnstile } from './turnstile.ts';
import { markLost, recoverChannel, type Recoveries } from './recovery.ts';
import type { ChannelOpener, Payment, PaymentRequest, SpendCaps, Wallet } from './wallet.ts';
import { statedOffersMax } from './limits.ts';
import {
  channelGone,
  channelRow,
  createWalletDisk,
  spentRow,
  statementsRow,
  ticketGone,
  ticketRow,
  type WalletDisk,
} from './wallet-disk.ts';

export interface LocalWalletOptions {
  directory: string;
  /** secp256k1 private key, 32 bytes. */
  privateKey: Uint8Array;
  caps: SpendCaps;
  /** Unix milliseconds. */
  now(): number;
  randomBytes(length: number): Uint8Array;
  /** Timers of whoever waits; left out, those of the system. */
  clock?: LinkClock;
  /** Opens the database in `directory`; left out, a Level database. */
  openDatabase?: (directory: string) => Promise<WalletDatabase>;
}

export interface Books extends LocalWalletOptions {
  clock: LinkClock;
  address: string;
  disk: WalletDisk;
  /** One channel per payee and ledger; a promise while it is being opened. */
  channels: Map<string, Promise<ChannelState>>;
  /** The channels that are open, so that sums over them need no turn of the event loop. */
  opened: Set<ChannelState>;
  turnstiles: Map<string, Turnstile>;
  recoveries: Recoveries;
  /** Offers whose statements are on disk. */
  stated: Set<string>;
  spent: { day: string; amount: bigint };
}

/** A wallet on this machine's disk: one secp256k1 key, one channel per payee, books in a Level database of its own. */
export async function openLocalWallet(options: LocalWalletOptions): Promise<Wallet> {
  const { directory, clock = systemClock, openDatabase = openLevelDatabase } = options;
  const disk = createWalletDisk(await openDatabase(directory), clock, directory);
  const { channels, spent } = await disk.load();
  const books: Books = {
    ...options,
    clock,
    address: addressFromPublicKey(secp256k1PublicKey(options.privateKey)),
    disk,
    channels: new Map(channels.map((state) => [channelKey(state.terms.payee, state.network.id), Promise.resolve(state)])),
    opened: new Set(channels),
    turnstiles: new Map(),
    recoveries: new Map(),
    stated: new Set(),
    spent,
  };
  return {
    address: books.address,
    reserve: (request, opener, signal) => reserve(books, request, opener, signal),
    acknowledge: (payment, receipt, hash) =>
      settle(books, payment, (state) => {
        addSpent(books, BigInt(receipt.charge));
        acknowledge(state, receipt, hash);
      }),
    release: (payment) => settle(books, payment, (state) => releaseTicket(state, payment.ticket.id)),
    lose: (payment) => {
      for (const state of books.opened) if (state.channel === payment.channel) markLost(state, payment.ticket.id);
    },
    recover: async ({ payee, network }, askAgain) => {
      const state = await books.channels.get(channelKey(payee, network.id))?.catch(() => undefined);
      if (state) await recoverChannel(books, books.recoveries, state, askAgain);
    },
    abandon: (payment) => abandon(books, payment),
    reconcile: (payment) => reconcile(books, payment),
    totals: async () => ({ spentToday: spentToday(books), couldLose: couldLose(books), channels: books.opened.size }),
    close: () => disk.close(),
  };
}

async function reserve(books: Books, request: PaymentRequest, opener: ChannelOpener, signal?: AbortSignal): Promise<Payment> {
  checkCaps(books, request.maxCharge);
  await books.disk.caughtUp(); // a full disk takes no more promises, so what waits for it stays bounded
  const state = await channelOf(books, request, opener);
  const turnstile = turnstileOf(books, state);
  const waitMs = Math.max(1, request.deadline - books.now());
  const passed = await turnstile.pass((passing) => roomInFlight(state, request.payee.maxInFlight) > passing, { waitMs, signal });
  if (!books.opened.has(state)) {
    passed(); // abandoned while this one waited
    return reserve(books, request, opener, signal);
  }
  const { ticket, cumulative } = await openTicketFunded(books, state, request, opener).finally(passed);
  const risk = atRisk(state);
  const written = books.disk.write([...originRows(books, state, request), ticketRow(state, ticket.id), channelRow(state)]);
  const fields = { channel: state.channel, cumulative: String(cumulative), ctx: ticketHash(ticket) };
  const signature = signVoucher(fields, state.network, books.privateKey);
  const voucher = { cumulative: fields.cumulative, signature };
  const signed = { ...fields, signature, signer: books.address };
  await written.catch((error: unknown) => {
    books.stated.delete(request.offerHash);
    closeTicket(books, state, ticket.id, () => releaseTicket(state, ticket.id)); // it was never sent
    throw error;
  }); // an open ticket that a crash forgets could be paid twice
  return { channel: state.channel, terms: state.terms, ticket, voucher, couldLose: risk, signed };
}

/** Remembers what asking again takes; the statements of an offer are written once. */
function originRows({ stated }: Books, state: ChannelState, { ticketId, offerHash, origin }: PaymentRequest) {
  if (!origin) return [];
  state.open.get(ticketId)!.origin = origin;
  if (stated.has(offerHash)) return [];
  if (stated.size >= statedOffersMax) stated.clear(); // written again then
  stated.add(offerHash);
  return [statementsRow(offerHash, origin)];
}

async function openTicketFunded(books: Books, state: ChannelState, request: PaymentRequest, opener: ChannelOpener) {
  const draft: Omit<Ticket, 'channel' | 'ackedTotal' | 'ackedReceipt'> = {
    id: request.ticketId,
    offer: request.offerHash,
    request: request.requestHash,
    maxCharge: String(request.maxCharge),
    deadline: request.deadline,
  };
  const open = () => {
    checkCaps(books, request.maxCharge); // again: others may have signed while this one waited
    return openTicket(state, draft);
  };
  try {
    return open();
  } catch (error) {
    if (!(error instanceof ClientError) || error.code !== 'PAYMENT_NEEDED') throw error;
    await topUpChannel(books, state, opener, request.maxCharge);
    return open();
  }
}

function channelOf(books: Books, request: PaymentRequest, opener: ChannelOpener): Promise<ChannelState> {
  const key = channelKey(request.payee.payee, request.payee.network.id);
  const known = books.channels.get(key);
  if (known) return known;
  const opening = openChannel(books, request.payee, opener, request.maxCharge);
  books.channels.set(key, opening);
  opening.then(
    (state) => books.opened.add(state),
    () => books.channels.delete(key), // the next query tries again
  );
  return opening;
}

/** Nobody waits for the disk here: a ticket that a crash finds open is asked again and settled then, for the same charge. */
async function settle(books: Books, { channel, ticket }: Payment, change: (state: ChannelState) => void): Promise<void> {
  const state = channelById(books, channel);
  if (state?.open.has(ticket.id)) closeTicket(books, state, ticket.id, () => change(state));
}

function closeTicket(books: Books, state: ChannelState, ticketId: string, change: () => void): void {
  try {
    change();
  } finally {
    // Also when the receipt breaks the chain: it was charged, and a restart must find the same books.
    turnstileOf(books, state).turn();
    const { day, amount } = books.spent;
    books.disk.writeSoon([ticketGone(state.channel, ticketId), channelRow(state), spentRow(day, amount)]);
  }
}

/** Stops using a channel whose books the provider no longer agrees with; what it locked stays locked there until it is closed. */
async function abandon(books: Books, payment: Payment): Promise<void> {
  const state = channelById(books, payment.channel);
  if (!state) return;
  const tickets = [...state.open.keys()];
  books.opened.delete(state);
  books.channels.delete(channelKey(state.terms.payee, state.network.id));
  state.open.clear();
  turnstileOf(books, state).turn(); // who waits for room here goes on to a new channel
  books.turnstiles.delete(state.channel);
  await books.disk.write([channelGone(state.channel), ...tickets.map((id) => ticketGone(state.channel, id))], { sync: true });
}

/** Only what this wallet has forgotten is worth a second look; a provider that contradicts what it knows is left. */
async function reconcile(books: Books, payment: Payment): Promise<void> {
  const state = channelById(books, payment.channel);
  // Others of the same channel may have been answered meanwhile: then it is worth another try.
  if (state && state.acked <= BigInt(payment.ticket.ackedTotal)) await abandon(books, payment);
}

function channelById(books: Books, channel: string): ChannelState | undefined {
  return [...books.opened].find((state) => state.channel === channel);
}

function checkCaps(books: Books, maxCharge: bigint): void {
  const { perCall, perDay } = books.caps;
  if (perCall !== null && maxCharge > perCall) {
    throw new ClientError('SPEND_CAP', `the query may cost ${maxCharge}; the cap per call is ${perCall}`);
  }
  const promised = maxCharge + spentToday(books) + couldLose(books);
  if (perDay !== null && promised > perDay)
    throw new ClientError('SPEND_CAP', `this query could bring today's spending to ${promised}; the cap per day is ${perDay}`);
}

function addSpent(books: Books, charge: bigint): void {
  books.spent = { day: today(books), amount: spentToday(books) + charge };
}

const today = (books: Books): string => new Date(books.now()).toISOString().slice(0, 10);
const spentToday = (books: Books): bigint => (books.spent.day === today(books) ? books.spent.amount : 0n);
const channelKey = (payee: string, network: string): string => `${network} ${payee}`;

const couldLose = (books: Books): bigint => [...books.opened].reduce((sum, state) => sum + atRisk(state), 0n);

function turnstileOf(books: Books, state: ChannelState): Turnstile {
  let turnstile = books.turnstiles.get(state.channel);
  if (!turnstile) books.turnstiles.set(state.channel, (turnstile = createTurnstile(books.clock)));
  return turnstile;
}
