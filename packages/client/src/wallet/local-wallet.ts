import { signVoucher, ticketHash } from '@tributary/proof/payment';
import { secp256k1PublicKey } from '@tributary/proof/primitives';
import { addressFromPublicKey } from '@tributary/proof/statements';
import type { Receipt, Ticket } from '@tributary/schemas';
import { ClientError } from '../errors.ts';
import { systemClock, type Clock } from '../clock.ts';
import {
  booked,
  channelAt,
  checkCaps,
  createBooks,
  loseChannel,
  newChannel,
  rowsOf,
  today,
  totals,
  type Books,
  type Channel,
} from './books.ts';
import {
  acknowledge,
  ceilingFor,
  openTicket,
  outstanding,
  releaseTicket,
  roomInFlight,
  type ChannelState,
} from './channel-state.ts';
import { openLevelDatabase, type RowChange, type WalletDatabase } from './database.ts';
import { closeChannel, fund } from './fund.ts';
import { createGroupWriter } from './group-writer.ts';
import { statedOffersMax } from './limits.ts';
import { resync } from './resync.ts';
import { channelRow, dayRow, loadRows, statementsRow, ticketGone, ticketRow } from './rows.ts';
import type { Payment, PaymentRequest, ProviderLedger, SpendCaps, Wallet } from './wallet.ts';

export interface LocalWalletOptions {
  directory: string;
  /** secp256k1 private key, 32 bytes. */
  privateKey: Uint8Array;
  caps: SpendCaps;
  /** Unix milliseconds. */
  now(): number;
  randomBytes(length: number): Uint8Array;
  /** Timers of whoever waits; left out, those of the system. */
  clock?: Clock;
  /** Opens the database in `directory`; left out, a Level database. */
  openDatabase?: (directory: string) => Promise<WalletDatabase>;
}

/** A wallet on this machine's disk: one secp256k1 key, one channel per provider, books in a Level database of its own. */
export async function openLocalWallet(options: LocalWalletOptions): Promise<Wallet> {
  const { directory, clock = systemClock, openDatabase = openLevelDatabase, privateKey } = options;
  const db = await openDatabase(directory);
  const rows = await loadRows(db, directory);
  const address = addressFromPublicKey(secp256k1PublicKey(privateKey));
  const writer = createGroupWriter<RowChange>((changes, sync) => writeRows(db, changes, sync), clock);
  const books = createBooks({ ...options, clock, address, writer }, rows);
  return {
    address,
    reserve: (request, ledger, signal) => reserve(books, request, ledger, signal),
    acknowledge: (payment, receipt, hash) => settle(books, payment, (channel) => book(books, channel, receipt, hash)),
    release: (payment) => settle(books, payment, ({ state }) => releaseTicket(state, payment.ticket.id)),
    doubt: ({ channel, ticket }, differ) => {
      const state = books.channels.get(channel)?.state;
      const open = state?.open.get(ticket.id);
      if (open) open.lost = true;
      if (state) state.inDoubt ||= differ || open !== undefined;
    },
    resync: async (payee, ledger, askAgain) => {
      const channel = channelAt(books, payee);
      if (channel) await resync(books, channel, ledger, askAgain);
    },
    closeChannel: (id, receiptSigner, ledger) => close(books, id, receiptSigner, ledger),
    totals: async () => totals(books),
    close: () => writer.settled().then(() => db.close()),
  };
}

async function writeRows(db: WalletDatabase, changes: RowChange[], sync: boolean): Promise<void> {
  try {
    await db.write(changes, { sync });
  } catch (cause) {
    throw new ClientError('WALLET_WRITE', 'the wallet could not be written; free space or check the disk, then ask again', {
      cause,
    });
  }
}

async function reserve(books: Books, request: PaymentRequest, ledger: ProviderLedger, signal?: AbortSignal): Promise<Payment> {
  checkCaps(books, request.maxCharge, 0n);
  await books.writer.caughtUp(); // a full disk takes no more promises, so what waits for it stays bounded
  const channel = channelAt(books, request.payee) ?? newChannel(books, request.payee);
  const waitMs = Math.max(1, request.deadline - books.now());
  const room = (passing: number) => isLeft(books, channel) || roomInFlight(channel.state, request.payee.maxInFlight) > passing;
  const passed = await channel.turnstile.pass(room, { waitMs, signal });
  const opened = await open(books, channel, request, ledger).finally(passed);
  return opened ? opened.payment : reserve(books, request, ledger, signal);
}

const isLeft = (books: Books, { state }: Channel): boolean => state.lost || !books.channels.has(state.channel);

/**
 * Opens and signs the ticket once the deposit covers it: caps are checked, its place is taken and its rows are on their way to the disk in
 * one turn, so that all hold however many are at it. Null when the channel was lost or closed meanwhile.
 */
async function open(books: Books, channel: Channel, request: PaymentRequest, ledger: ProviderLedger) {
  const { state } = channel;
  const { ticketId: id, offerHash: offer, requestHash, maxCharge, deadline } = request;
  while (!isLeft(books, channel)) {
    const cumulative = ceiling(books, state, request);
    const raised = cumulative - state.signed;
    checkCaps(books, maxCharge, raised);
    if (cumulative <= state.deposit) {
      const ticket = openTicket(state, { id, offer, request: requestHash, maxCharge: String(maxCharge), deadline }, cumulative);
      books.day = { ...today(books), signed: today(books).signed + raised };
      // In an object: the place in line is given up before the rows are on disk.
      return { payment: sign(books, channel, request, { ticket, cumulative: String(cumulative), raised }) };
    }
    channel.funding ??= fund(books, channel, ledger, cumulative, maxCharge).finally(() => (channel.funding = null));
    await channel.funding;
  }
  return null;
}

/** A question that is tried again promises no more than its price over both tries, unless the first promise is proven to be void. */
function ceiling(books: Books, state: ChannelState, { before, maxCharge }: PaymentRequest): bigint {
  if (!before || books.closed.has(before.channel)) return ceilingFor(state, maxCharge);
  if (before.channel === state.channel) {
    const most = state.signed + maxCharge - before.raised;
    const wanted = ceilingFor(state, maxCharge);
    // What was taken over explains the refusal; if it does not, a ticket that was given up is still at work there.
    return wanted > BigInt(before.voucher.cumulative) && wanted < most ? wanted : most;
  }
  if (before.raised === 0n) return ceilingFor(state, maxCharge);
  throw new ClientError('SPEND_CAP', `${before.raised} were promised for this question in a channel that was lost; ask it again`);
}

async function sign(
  books: Books,
  channel: Channel,
  request: PaymentRequest,
  { ticket, cumulative, raised }: { ticket: Ticket; cumulative: string; raised: bigint },
): Promise<Payment> {
  const { state } = channel;
  const couldLose = outstanding(state);
  const rows = [...originRows(books, channel, request), ticketRow(state, ticket.id), channelRow(state), dayRow(books.day)];
  const written = books.writer.write(rows, { sync: true });
  const fields = { channel: state.channel, cumulative, ctx: ticketHash(ticket) };
  const signature = signVoucher(fields, state.network, books.privateKey);
  try {
    await written; // what a crash or a power cut forgets could be paid twice, and is not in the day's budget
  } catch (error) {
    books.stated.delete(request.offerHash);
    closeTicket(books, channel, ticket.id, () => releaseTicket(state, ticket.id)); // it was never sent
    throw error;
  }
  const signed = { ...fields, signature, signer: books.address };
  return { channel: state.channel, terms: state.terms, ticket, voucher: { cumulative, signature }, couldLose, raised, signed };
}

/** Remembers what asking again takes; the statements of an offer are written once. */
function originRows({ stated }: Books, { state }: Channel, { ticketId, offerHash, origin }: PaymentRequest): RowChange[] {
  if (!origin) return [];
  state.open.get(ticketId)!.origin = origin;
  if (stated.has(offerHash)) return [];
  if (stated.size >= statedOffersMax) stated.clear(); // written again then
  stated.add(offerHash);
  return [statementsRow(offerHash, origin)];
}

/** Nobody waits for the disk here: a ticket that a crash finds open is settled by `resync`, for the same charge. */
async function settle(books: Books, { channel: id, ticket }: Payment, change: (channel: Channel) => void): Promise<void> {
  const channel = books.channels.get(id);
  if (!channel?.state.open.has(ticket.id)) return;
  try {
    closeTicket(books, channel, ticket.id, () => change(channel));
  } catch (error) {
    loseChannel(books, channel);
    throw error;
  }
}

function book(books: Books, channel: Channel, receipt: Receipt, hash: string): void {
  booked(books, channel, 'spent', (tally) => {
    if (!acknowledge(channel.state, receipt, hash).late) return;
    const charge = BigInt(receipt.charge);
    tally.spent += charge;
    tally.unanswered = { count: tally.unanswered.count - 1, amount: tally.unanswered.amount - charge };
  });
}

function closeTicket(books: Books, channel: Channel, ticketId: string, change: () => void): void {
  try {
    change();
  } finally {
    // Also when the receipt breaks the chain: it was charged, and a restart must find the same books.
    channel.turnstile.turn();
    books.writer.writeSoon([ticketGone(channel.state.channel, ticketId), ...rowsOf(books, channel)]);
  }
}

async function close(books: Books, id: string, receiptSigner: string, ledger: ProviderLedger): Promise<bigint> {
  const channel = books.channels.get(id);
  if (!channel) return 0n;
  const waiting = [...channel.state.open.values()].filter((open) => !open.lost).length;
  if (waiting > 0)
    throw new ClientError('CHANNEL_BUSY', `${waiting} questions of the channel wait for answers; close it when they are done`);
  return closeChannel(books, channel, receiptSigner, ledger);
}
