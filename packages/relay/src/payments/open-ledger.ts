import { writeBalances } from '../ledger/checkpoint.ts';
import { createExposureHolds } from '../ledger/exposure.ts';
import { TributaryError } from '@tributary/schemas';
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
  const { commits, current, readOnly } = chain;
  const change: typeof commits.submit = readOnly ? refuseChange : commits.submit;
  const balances = () => chain.opened.state.balances;
  return {
    network,
    payee,
    readOnly,
    account: (payer) => balances().accounts.get(payer) ?? NO_ACCOUNT,
    channel: (id) => balances().channels.get(id) ?? null,
    channels: () => [...balances().channels.values()],
    hold: (channel) => reservations.of(channel),
    grant: (grant) => change((draft) => grantInto(draft, grant)),
    openChannel: (open) => change((draft) => openInto(draft, open)),
    channelState: (id) => change((draft) => bookedIn(draft, id)),
    closeChannel: (id) => change((draft) => closeInto(draft, id, reservations)),
    reserve(channel, maxCharge, voucher) {
      if (readOnly) throw readOnlyLedger();
      mustBeHealthy(commits);
      return reservations.take(channel, maxCharge, voucher);
    },
    ticket: async (channel, ticket) => guarded(readTicketRow, (await current()).database, channel, ticket),
    get ticketFloorMs() {
      return chain.opened.state.pruned.floorMs;
    },
    settle: (order, reservation) => change((draft) => settleInto(draft, order, reservation, { receiptKey, reservations })),
    exposureRoom(viewer, most) {
      mustBeHealthy(commits);
      const { database } = chain.opened;
      return holds.take(viewer, most, now(), (group) =>
        countIn(guarded((key: Buffer) => database.get(key), exposureCountKey(group))),
      );
    },
    expose: (exposure) => change((draft) => exposeInto(draft, exposure)),
    offers: async () =>
      readOffers((await current()).database).catch((error: unknown) => {
        throw ledgerError(error);
      }),
    keepOffer: (hash, signed) => change((draft) => putOffer(draft, hash, signed)),
    forgetOffers: (hashes) => change((draft) => hashes.forEach((hash) => forgetOffer(draft, hash))),
    async prune() {
      if (readOnly) return;
      const keys = await pastEpochRows((await current()).database, now());
      await commits.submit((draft) => draft.operations.push(...keys.map((key) => ({ key, value: null }))));
    },
    risk: () => moneyAtRisk(balances(), reservations),
    earnings: () => [...balances().earned.values()],
    verify: () => verify(chain, now),
    async *export(first = 1) {
      const { database, state } = await current();
      yield* exportEntries(database, first, state.tip.entry);
    },
    close: chain.close,
  };
}

const readOnlyLedger = (): TributaryError =>
  new TributaryError('READ_ONLY', 'the ledger of this provider cannot be written, so nothing can be sold; nothing was charged');

const refuseChange = (): Promise<never> => Promise.reject(readOnlyLedger());

/**
 * Opens the ledger in `directory` (`<data>/ledger`), which is created on first use.
 *
 * @throws as {@link openLedger}
 */
export function openDiskLedger(directory: string, options: Omit<LedgerOptions, 'disk'>): Promise<Ledger> {
  return openLedger({ ...options, disk: ledgerFiles(directory) });
}

async function verify({ commits, current, distrust, readOnly, opened }: Chain, now: () => number): Promise<void> {
  const copy = ({ state, nowMs }: Pick<Draft, 'state' | 'nowMs'>) => ({
    tip: { ...state.tip },
    text: writeBalances(state, nowMs),
    atMs: nowMs,
  });
  // It is on disk once this resolves.
  const wanted = readOnly ? copy({ ...opened, nowMs: now() }) : await commits.submit(copy);
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
