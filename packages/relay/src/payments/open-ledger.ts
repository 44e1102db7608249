import { createGroupCommit, type GroupCommit } from '@tributary/runtime';
import { writeBooks } from './checkpoint.ts';
import { createExposureHolds } from '../policy/exposure.ts';
import { RelayError } from '../errors.ts';
import type { Account } from './books.ts';
import { chargeInto, exposeInto } from './charge.ts';
import { bookedIn, closeInto, grantInto, openInto } from './credit.ts';
import { ledgerError } from './disk.ts';
import { exportEntries } from './export.ts';
import { exposureCountKey } from './keys.ts';
import {
  closeFiles,
  createRecovery,
  openCheckpointWriter,
  openFiles,
  writeDraft,
  type LedgerOptions,
  type Opened,
} from './ledger-files.ts';
import type { Ledger } from './ledger.ts';
import { changesWaitingMax, groupChangesMax } from './limits.ts';
import { forgetOffer, putOffer, readOffers } from './offer-rows.ts';
import { pastEpochRows } from './prune.ts';
import { createReservations } from './reservations.ts';
import { moneyAtRisk } from './risk.ts';
import { countIn, type Draft } from './state.ts';
import { readTicketRow } from './ticket-row.ts';
import { verifyLedger } from './verify.ts';

const WRITE_FAILED = 'the ledger could not be written; ask again with the same ticket, free space or check the disk';
const NO_ACCOUNT: Readonly<Account> = { granted: 0n, available: 0n, locked: 0n, spent: 0n };

/** A ledger's files, kept in agreement with its state. */
interface Core {
  readonly opened: Opened;
  readonly commits: GroupCommit<Draft>;
  /** The files once state and disk agree. @throws RelayError LEDGER_WRITE, LEDGER_DAMAGED */
  current(): Promise<Opened>;
  /** The next reading begins at the first entry. */
  distrust(): void;
  close(): Promise<void>;
}

/**
 * Opens a ledger: checks it from its newest genuine checkpoint on, all of it where there is none.
 *
 * @throws RelayError LEDGER_DAMAGED, LEDGER_WRITE; StoreError STORE_LOCKED when another process has it open
 */
export async function openLedger(options: LedgerOptions): Promise<Ledger> {
  const { network, payee, receiptKey, now } = options;
  const reservations = createReservations();
  const holds = createExposureHolds();
  const core = await openCore(options);
  const { commits, current } = core;
  const books = () => core.opened.state.books;
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
      return core.opened.state.pruned.floorMs;
    },
    charge: (order, reservation) =>
      commits.submit((draft) => chargeInto(draft, order, reservation, { receiptKey, reservations })),
    exposureRoom(viewer, most) {
      mustBeHealthy(commits);
      const { database } = core.opened;
      return holds.take(viewer, most, now(), (group) =>
        countIn(guarded((key: Buffer) => database.get(key), exposureCountKey(group))),
      );
    },
    expose: (exposure) => commits.submit((draft) => exposeInto(draft, exposure)),
    offers: async () => readOffers((await current()).database),
    keepOffer: (hash, signed) => commits.submit((draft) => putOffer(draft, hash, signed)),
    forgetOffers: (hashes) => commits.submit((draft) => hashes.forEach((hash) => forgetOffer(draft, hash))),
    async prune() {
      const keys = await pastEpochRows((await current()).database, now());
      await commits.submit((draft) => draft.operations.push(...keys.map((key) => ({ key, value: null }))));
    },
    risk: () => moneyAtRisk(books(), reservations),
    earnings: () => [...books().earned.values()],
    verify: () => verify(core),
    async *export(first = 1) {
      const { database, state } = await current();
      yield* exportEntries(database, first, state.tip.entry);
    },
    close: core.close,
  };
}

async function openCore(options: LedgerOptions): Promise<Core> {
  let opened = await openFiles(options, true);
  let trusted = true;
  let closed = false;
  const checkpoints = openCheckpointWriter(options);
  const commits = createGroupCommit<Draft>({
    begin: () => ({ ...opened, operations: [], put: new Map(), nowMs: options.now() }),
    write: (draft) => writeDraft(draft, opened.head, options, checkpoints),
    recover: createRecovery(options, async () => {
      if (closed) throw new RelayError('SHUTTING_DOWN', 'the ledger is closed');
      await closeFiles(opened);
      await checkpoints.idle();
      opened = await openFiles(options, trusted);
      trusted = true;
    }),
    // What is submitted in the same turn of the event loop belongs to the same group.
    turn: () => Promise.resolve(),
    groupMax: groupChangesMax,
    waitingMax: changesWaitingMax,
    overloaded: () =>
      new RelayError('OVERLOADED', `more than ${changesWaitingMax} changes wait for the ledger's disk; try again`),
    failed: (cause) => new RelayError('LEDGER_WRITE', WRITE_FAILED, { cause }),
  });
  return {
    get opened() {
      return opened;
    },
    commits,
    async current() {
      await commits.ready();
      return opened;
    },
    distrust() {
      trusted = false;
      commits.distrust();
    },
    async close() {
      closed = true;
      await commits.idle();
      await checkpoints.idle();
      await closeFiles(opened);
    },
  };
}

async function verify({ commits, current, distrust }: Core): Promise<void> {
  // On disk once this resolves.
  const wanted = await commits.submit(({ state, nowMs }) => ({
    tip: { ...state.tip },
    text: writeBooks(state, nowMs),
    atMs: nowMs,
  }));
  const { database, state } = await current();
  try {
    await verifyLedger(database, wanted, state);
  } catch (error) {
    const known = ledgerError(error);
    if (known instanceof RelayError && known.code === 'LEDGER_DAMAGED') distrust();
    throw known;
  }
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
