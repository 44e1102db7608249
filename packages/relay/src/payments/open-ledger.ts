import type { Network } from '@tributary/proof';
import type { HeadFile } from '@tributary/store';
import { RelayError } from '../errors.ts';
import type { Account } from './books.ts';
import { chargeInto, exposeInto } from './charge.ts';
import { bookedIn, closeInto, grantInto, openInto } from './credit.ts';
import { ledgerError, type LedgerDatabase, type LedgerDisk } from './disk.ts';
import { exportEntries } from './export.ts';
import { createGroupCommit, type GroupCommit } from './group-commit.ts';
import type { Ledger } from './ledger.ts';
import { changesWaitingMax, groupChangesMax, recoverPauseMs } from './limits.ts';
import { loadState, writeHead } from './load.ts';
import { forgetOffer, putOffer, readOffers } from './offer-rows.ts';
import { pastEpochRows, pruneJournal } from './prune.ts';
import { createReservations } from './reservations.ts';
import { moneyAtRisk } from './risk.ts';
import type { Draft, LedgerState } from './state.ts';
import { readTicketRow } from './ticket-row.ts';

export interface LedgerOptions {
  readonly disk: LedgerDisk;
  readonly network: Network;
  /** Address that channels must pay. */
  readonly payee: string;
  /** Private key of the receipt signer. */
  readonly receiptKey: Uint8Array;
  /** Unix milliseconds. */
  now(): number;
  /** Hears of failed writes and failed attempts to recover. */
  fault?(error: unknown): void;
}

/** The open files of a ledger and what they say. Replaced as a whole after a failed write. */
interface Opened {
  readonly database: LedgerDatabase;
  readonly head: HeadFile;
  readonly state: LedgerState;
}

const NO_ACCOUNT: Readonly<Account> = { granted: 0n, available: 0n, locked: 0n, spent: 0n };

/**
 * Opens a ledger and checks all of it.
 *
 * @throws RelayError LEDGER_DAMAGED, LEDGER_WRITE; StoreError STORE_LOCKED when another process has it open
 */
export async function openLedger(options: LedgerOptions): Promise<Ledger> {
  const { network, payee, now } = options;
  let opened = await openFiles(options);
  let closed = false;
  const reservations = createReservations();
  const commits = createGroupCommit<Draft>({
    begin: () => ({ ...opened, operations: [], put: new Set(), nowMs: now() }),
    write: (draft) => writeDraft(draft, opened.head, options),
    recover: createRecovery(options, async () => {
      if (closed) throw new RelayError('SHUTTING_DOWN', 'the ledger is closed');
      await closeFiles(opened);
      opened = await openFiles(options);
    }),
    groupMax: groupChangesMax,
    waitingMax: changesWaitingMax,
  });
  const books = () => opened.state.books;
  const current = async (): Promise<Opened> => {
    await commits.ready();
    return opened;
  };
  return {
    network,
    payee,
    account: (payer) => books().accounts.get(payer) ?? NO_ACCOUNT,
    channel: (id) => books().channels.get(id) ?? null,
    channels: () => [...books().channels.values()],
    hold: (channel) => reservations.of(channel),
    grant: (grant) => commits.submit((draft) => grantInto(draft, grant)),
    openChannel: (open) => commits.submit((draft) => openInto(draft, open)),
    channelState: (id) => commits.submit((draft) => bookedIn(draft, id)),
    closeChannel: (id) => commits.submit((draft) => closeInto(draft, id, reservations)),
    reserve(channel, maxCharge, voucher) {
      mustBeHealthy(commits);
      return reservations.take(channel, maxCharge, voucher);
    },
    ticket: async (channel, ticket) => guarded(readTicketRow, (await current()).database, channel, ticket),
    get ticketFloorMs() {
      return opened.state.pruned.floorMs;
    },
    charge: (order, reservation) =>
      commits.submit((draft) => chargeInto(draft, order, reservation, { receiptKey: options.receiptKey, reservations })),
    expose: (exposure) => commits.submit((draft) => exposeInto(draft, exposure)),
    offers: async () => readOffers((await current()).database),
    keepOffer: (hash, signed) => commits.submit((draft) => putOffer(draft, hash, signed)),
    forgetOffers: (hashes) => commits.submit((draft) => hashes.forEach((hash) => forgetOffer(draft, hash))),
    async prune() {
      const keys = await pastEpochRows((await current()).database, now());
      await commits.submit((draft) => draft.operations.push(...keys.map((key) => ({ key, value: null }))));
    },
    risk: () => moneyAtRisk(books(), reservations),
    async *export(first = 1) {
      const { database, state } = await current();
      yield* exportEntries(database, first, state.tip.entry);
    },
    async close() {
      closed = true;
      await commits.idle();
      await closeFiles(opened);
    },
  };
}

/** The group becomes durable: one synced batch, then the head file, then whoever waits hears of it. */
async function writeDraft(draft: Draft, head: HeadFile, { fault }: LedgerOptions): Promise<void> {
  try {
    pruneJournal(draft, committedEntry(draft));
    if (draft.operations.length === 0) return;
    await draft.database.batch(draft.operations);
    await writeHead(head, draft.state);
  } catch (error) {
    fault?.(error);
    throw ledgerError(error);
  }
}

/** The draft's own entries are not in the database yet. */
function committedEntry({ state, operations }: Draft): number {
  return state.tip.entry - operations.filter(({ key, value }) => key[0] === ENTRY_KIND && value !== null).length;
}
const ENTRY_KIND = 'e'.charCodeAt(0);

async function openFiles({ disk, network }: LedgerOptions): Promise<Opened> {
  const files: { database?: LedgerDatabase; head?: HeadFile } = {};
  try {
    const database = (files.database = await disk.openDatabase());
    const head = (files.head = await disk.openHead());
    return { database, head, state: await loadState(database, head, network) };
  } catch (error) {
    await closeFiles(files);
    throw ledgerError(error);
  }
}

/** Closing may fail on a broken disk; what matters is that nothing stays open. */
async function closeFiles({ database, head }: { database?: LedgerDatabase; head?: HeadFile }): Promise<void> {
  await Promise.allSettled([database?.close(), head?.close()]);
}

/** Reads the ledger anew, not more often than every `recoverPauseMs`; a damaged ledger stays refused until it is restored. */
function createRecovery({ now, fault }: LedgerOptions, reopen: () => Promise<void>): () => Promise<void> {
  let failed: { error: unknown; at: number } | null = null;
  return async () => {
    const elapsed = failed === null ? recoverPauseMs : Math.abs(now() - failed.at);
    if (failed !== null && elapsed < recoverPauseMs) throw failed.error;
    try {
      await reopen();
      failed = null;
    } catch (error) {
      failed = { error, at: now() };
      fault?.(error);
      throw error;
    }
  };
}

function mustBeHealthy(commits: GroupCommit<Draft>): void {
  if (commits.healthy) return;
  void commits.ready().catch(() => undefined);
  throw new RelayError('LEDGER_WRITE', 'the ledger is being read again after a failed write; ask again with the same ticket');
}

/** A read whose faults come out with a code of the ledger. */
function guarded<Arguments extends unknown[], Result>(read: (...given: Arguments) => Result, ...given: Arguments): Result {
  try {
    return read(...given);
  } catch (error) {
    throw ledgerError(error);
  }
}
