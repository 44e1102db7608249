import type { Receipt } from '@tributary/schemas';
import { systemClock, type Clock } from '../clock.ts';
import { ClientError } from '../errors.ts';
import { writeRefused } from '../write-refused.ts';
import { acknowledge, releaseTicket, unsettled, waitingTickets, type WalletChannel } from './channel.ts';
import { close } from './close.ts';
import { openWalletDatabase, type RowChange, type WalletDatabase } from './database.ts';
import { createWork, keep, type WalletParts } from './parts.ts';
import { reserve } from './reserve.ts';
import { resync } from './resync.ts';
import { createRowWriter } from './row-writer.ts';
import { loadRows, ticketGone } from './rows.ts';
import { createSigner } from './signer.ts';
import { booked, channelAt, createWalletState, loseChannel, payeeOf, rowsOf, type WalletState } from './state.ts';
import { totals } from './totals.ts';
import type { Payment, ProviderLedger, SpendCaps, WaitingTicket, Wallet } from './wallet.ts';

export interface LocalWalletOptions {
  directory: string;
  /** Of the payer; secp256k1, 32 bytes. */
  privateKey: Uint8Array;
  /** Signs vouchers; the payer's key when left out. */
  voucherKey?: Uint8Array;
  /** The wallets of the same payer, which this one joins: the cap per day is for all of them. */
  together?: Set<WalletParts>;
  caps: SpendCaps;
  /** Unix milliseconds. */
  now(): number;
  /** The clock of the daily budget. Default: `now`. */
  steadyNow?: () => number;
  /** Milliseconds of a clock that no setting of the machine's clock moves. Default: that of the process. */
  elapsedMs?: () => number;
  randomBytes(length: number): Uint8Array;
  /** Timers for all waits. Default: those of the system. */
  clock?: Clock;
  /** Opens the database in `directory`. Default: on disk. */
  openDatabase?: (directory: string) => Promise<WalletDatabase>;
}

/** A wallet on this machine's disk: one secp256k1 key, one channel per provider, rows in a database of its own. */
export async function openLocalWallet(options: LocalWalletOptions): Promise<Wallet> {
  const { directory, caps, now, steadyNow = now, clock = systemClock, openDatabase = openWalletDatabase } = options;
  const { elapsedMs = () => performance.now() } = options;
  const db = await openDatabase(directory);
  const loaded = await loadRows(db, directory);
  const state = createWalletState(loaded);
  const rows = createRowWriter<RowChange>((changes, sync) => writeRows(db, changes, sync), clock);
  const signer = createSigner(options.privateKey, options.randomBytes, options.voucherKey);
  const together = options.together ?? new Set();
  const work = createWork(clock);
  const times = { now, steadyNow, elapsedMs, openedAt: elapsedMs() };
  const parts: WalletParts = { state, rows, signer, work, caps, together, ...times, stated: new Set() };
  together.add(parts);
  rows.writeSoon(loaded.forgotten);
  return {
    address: signer.address,
    reserve: (request, ledger, signal) => reserve(parts, request, ledger, signal),
    acknowledge: async (payment, receipt, hash) => bookAnswer(parts, payment, { receipt, hash }),
    delivered: (payment) => delivered(parts, payment),
    missed: ({ channel, ticket }) => {
      const answered = state.channels.get(channel)?.undelivered.get(ticket.id);
      if (answered) answered.lost = true;
    },
    release: async ({ channel: id, ticket }) => {
      const channel = state.channels.get(id);
      if (!channel || !unsettled(channel, ticket.id)) return;
      releaseTicket(channel, ticket.id);
      keep(parts, channel, [ticketGone(id, ticket.id), ...rowsOf(state, channel)]);
    },
    doubt: ({ channel, ticket }, differ) => doubt(state.channels.get(channel), ticket.id, differ),
    resync: async (payee, ledger, askAgain, wanted) => {
      const channel = channelAt(state, payee);
      if (channel) await resync(parts, channel, { ledger, askAgain, ...(wanted ? { wanted } : {}) });
    },
    waiting: () => waiting(state),
    closeChannel: (id, receiptSigner, ledger) => closeIdle(parts, id, receiptSigner, ledger),
    totals: async () => totals(state, steadyNow()),
    close: () => rows.flushed().then(() => db.close()),
  };
}

async function writeRows(db: WalletDatabase, changes: RowChange[], sync: boolean): Promise<void> {
  try {
    await db.write(newestOf(changes), { sync });
  } catch (cause) {
    throw writeRefused('the wallet', cause);
  }
}

/** A row is written once in a group, as it was last: the questions of a group change the same channel and day. */
const newestOf = (changes: readonly RowChange[]): RowChange[] => [
  ...new Map(changes.map((change) => [change.key, change])).values(),
];

/**
 * Nobody waits for the disk here, and no answer costs a write of its own: the rows join the next group. A ticket that
 * is open after a crash is settled by `resync`, for the same charge. Its row stays until the answer is delivered.
 */
function bookAnswer(
  parts: WalletParts,
  { channel: id, ticket }: Payment,
  { receipt, hash }: { receipt: Receipt; hash: string },
): void {
  const { state } = parts;
  const channel = state.channels.get(id);
  const open = channel && (unsettled(channel, ticket.id) ?? newReceiptOf(channel, receipt));
  if (!channel || !open) return;
  try {
    book(parts, channel, receipt, hash);
    if (!channel.undelivered.has(ticket.id)) channel.undelivered.set(ticket.id, { ...open, charge: BigInt(receipt.charge) });
    parts.rows.writeLater(rowsOf(state, channel));
    parts.work(channel).queue.look();
  } catch (error) {
    // What the receipt charged stays charged, and a restart must find the same rows.
    keep(parts, channel, [ticketGone(id, ticket.id), ...rowsOf(state, channel)]);
    keep(parts, channel, loseChannel(state, channel, parts.steadyNow()));
    throw error;
  }
}

/** A ticket that is booked gets its receipt again. Another one says that its answer is gone; it is numbered, too. */
function newReceiptOf({ undelivered, chain, early }: WalletChannel, { ticket, sequence }: Receipt) {
  return sequence > chain.sequence && !early.has(sequence) ? undelivered.get(ticket) : undefined;
}

/** The row of the ticket is removed with the next group of rows, so that no answer costs a write of its own. */
function delivered({ state, rows }: WalletParts, { channel: id, ticket }: Payment): void {
  const channel = state.channels.get(id);
  if (!channel?.undelivered.delete(ticket.id)) return;
  rows.writeLater([ticketGone(id, ticket.id)]);
}

const waiting = ({ channels }: WalletState): WaitingTicket[] =>
  [...channels.values()]
    .filter(({ lost }) => !lost)
    .flatMap((channel) =>
      waitingTickets(channel).map(({ origin }) => ({ payee: payeeOf(channel), ...(origin ? { origin } : {}) })),
    );

function book({ state, steadyNow }: WalletParts, channel: WalletChannel, receipt: Receipt, hash: string): void {
  booked(state, channel, { as: 'spent', nowMs: steadyNow() }, (tally) => {
    if (!acknowledge(channel, receipt, hash).late) return;
    const charge = BigInt(receipt.charge);
    tally.spent += charge;
    tally.unanswered = { count: tally.unanswered.count - 1, amount: tally.unanswered.amount - charge };
  });
}

function doubt(channel: WalletChannel | undefined, ticketId: string, differ: boolean): void {
  if (!channel) return;
  const open = channel.open.get(ticketId);
  if (open) open.lost = true;
  channel.inDoubt ||= differ || open !== undefined;
}

async function closeIdle(parts: WalletParts, id: string, receiptSigner: string, ledger: ProviderLedger): Promise<bigint> {
  const channel = parts.state.channels.get(id);
  if (!channel) return 0n;
  const waiting = [...channel.open.values()].filter((open) => !open.lost).length;
  if (waiting > 0)
    throw new ClientError('CHANNEL_BUSY', `${waiting} questions of the channel wait for answers; close it when they are done`);
  return close(parts, channel, ledger, receiptSigner);
}
