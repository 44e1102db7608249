import { writeBalances } from '../ledger/checkpoint.ts';
import { createExposureHolds } from '../ledger/exposure.ts';
import { RelayError } from '../errors.ts';
import type { Account } from '../ledger/balances.ts';
import { settleInto, exposeInto } from './settle.ts';
import { bookedIn, closeInto, grantInto, openInto } from './credit.ts';
import { ledgerError } from '../ledger/disk.ts';
import { exportEntries } from '../ledger/read-entries.ts';
import type { GroupCommit } from '@tributary/runtime';
import { exposureCountKey } from '../ledger/keys.ts';
import type { LedgerOptions } from '../ledger/open-files.ts';
import type { Ledger } from './ledger.ts';
import { forgetOffer, putOffer, readOffers } from '../ledger/offer-rows.ts';
import { pastEpochRows } from '../ledger/prune.ts';
import { createReservations } from './reservations.ts';
import { moneyAtRisk } from './risk.ts';
import { countIn, type Draft } from '../ledger/state.ts';
import { verifyLedger } from '../ledger/verify.ts';
import { readTicketRow } from '../ledger/journal.ts';
import { openChain, type Chain } from '../ledger/open-chain.ts';
import { ledgerFiles } from '../ledger/disk-files.ts';

const NO_ACCOUNT: Readonly<Account> = { granted: 0n, available: 0n, locked: 0n, spent: 0n };

/**
 * Opens a ledger and checks it from its newest genuine checkpoint on, or from the start if there is none.
 *
 * @throws RelayError LEDGER_DAMAGED, LEDGER_WRITE; StoreError STORE_LOCKED when another process has it open
 */
export async function openLedger(options: LedgerOptions): Promise<Ledger> {
  const { network, payee, receiptKey, now } = options;
  const reservations = createReservations();
  const holds = createExposureHolds();
  const chain = await openChain(options);
  const { commits, current } = chain;
  const balances = () => chain.opened.state.balances;
  return {
    network,
    payee,
    account: (payer) => balances().accounts.get(payer) ?? NO_ACCOUNT,
    channel: (id) => balances().channels.get(id) ?? null,
    channels: () => [...balances().channels.values()],
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
      return chain.opened.state.pruned.floorMs;
    },
    settle: (order, reservation) =>
      commits.submit((draft) => settleInto(draft, order, reservation, { receiptKey, reservations })),
    exposureRoom(viewer, most) {
      mustBeHealthy(commits);
      const { database } = chain.opened;
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
    risk: () => moneyAtRisk(balances(), reservations),
    earnings: () => [...balances().earned.values()],
    verify: () => verify(chain),
    async *export(first = 1) {
      const { database, state } = await current();
      yield* exportEntries(database, first, state.tip.entry);
    },
    close: chain.close,
  };
}

/**
 * Opens the ledger in `directory` (`<data>/ledger`), which is created on first use.
 *
 * @throws as {@link openLedger}
 */
export function openDiskLedger(directory: string, options: Omit<LedgerOptions, 'disk'>): Promise<Ledger> {
  return openLedger({ ...options, disk: ledgerFiles(directory) });
}

async function verify({ commits, current, distrust }: Chain): Promise<void> {
  // It is on disk once this resolves.
  const wanted = await commits.submit(({ state, nowMs }) => ({
    tip: { ...state.tip },
    text: writeBalances(state, nowMs),
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

/** Wraps a read so that its faults carry a ledger code. */
function guarded<Arguments extends unknown[], Result>(read: (...given: Arguments) => Result, ...given: Arguments): Result {
  try {
    return read(...given);
  } catch (error) {
    throw ledgerError(error);
  }
}
