import { ClientError } from '@tributary/client';
import { ZERO_HASH } from '@tributary/proof/primitives';
import type { Directory, Link, LinkHandlers, SpendCaps, Wallet } from '@tributary/client';
import type { KeptRows, WalletDatabase } from '@tributary/client/testing';
import type { Ledger, LedgerDisk } from '@tributary/relay/testing';
import type { SaidOfSelf } from '@tributary/schemas';

/**
 * A bug that is planted on purpose, around the product's parts and never in them, to show that the simulation finds it.
 */
export interface Plant {
  /** What it breaks. */
  readonly mechanism: string;
  readonly does: string;
  /** True: syncs of ledgers do nothing. */
  readonly syncsNothing?: boolean;
  walletRows?(database: WalletDatabase): WalletDatabase;
  wallet?(wallet: Wallet): Wallet;
  kept?(rows: KeptRows): KeptRows;
  caps?(caps: SpendCaps): SpendCaps;
  ledger?(ledger: Ledger): Ledger;
  ledgerDisk?(disk: LedgerDisk): LedgerDisk;
  /** @param offers whether the provider still knows an offer as current */
  handlers?(handlers: LinkHandlers, isCurrent: (offer: string) => boolean): LinkHandlers;
  directory?(directory: Directory): Directory;
  link?(link: Link): Link;
}

/** The same object with some members replaced. Getters and state stay. */
const over = <Part extends object>(part: Part, members: Partial<Part>): Part =>
  Object.assign(Object.create(part) as Part, members);

export const plants: Readonly<Record<string, Plant>> = {
  'ledger-sync': {
    mechanism: 'ledger commit',
    does: 'a batch of the ledger is acknowledged before it is synced',
    syncsNothing: true,
  },
  'ledger-memory': {
    mechanism: 'ledger commit',
    does: 'a batch of the ledger is acknowledged while it is only in memory',
    ledgerDisk: (disk) => ({
      ...disk,
      async openDatabase() {
        const database = await disk.openDatabase();
        return {
          ...database,
          batch(operations) {
            void database.batch(operations).catch(() => undefined);
            return Promise.resolve();
          },
        };
      },
    }),
  },
  'kept-answers': {
    mechanism: 'delivery',
    does: 'an answer that nobody waited for is booked and not kept',
    kept: (rows) => ({ ...rows, batch: async () => undefined }),
  },
  'wallet-tickets': {
    mechanism: 'wallet rows',
    does: 'rows of open tickets are not written',
    walletRows: (database) => dropping(database, 'ticket/'),
  },
  'wallet-memory': {
    mechanism: 'wallet rows',
    does: 'an acknowledged write of the wallet stays in memory until the next one',
    walletRows: delayed,
  },
  'wallet-sync': {
    mechanism: 'wallet rows',
    does: 'what was promised is acknowledged before it is synced',
    walletRows: (database) => ({ ...database, write: (changes) => database.write(changes, { sync: false }) }),
  },
  'wallet-spent': {
    mechanism: 'wallet caps',
    does: 'what was spent today is not written',
    walletRows: (database) => dropping(database, 'day'),
  },
  'wallet-day-cap': {
    mechanism: 'wallet caps',
    does: 'the cap of a day is not counted',
    caps: (caps) => ({ ...caps, perDay: null }),
  },
  'wallet-call-cap': {
    mechanism: 'wallet caps',
    does: 'the cap of one question is not counted',
    caps: (caps) => ({ ...caps, perCall: null }),
  },
  admission: {
    mechanism: 'admission',
    does: 'a deposit counts as if a voucher covered all of it',
    ledger: (ledger) =>
      over(ledger, {
        channel: (id) => {
          const channel = ledger.channel(id);
          return channel === null ? null : { ...channel, best: channel.deposit };
        },
      }),
  },
  reservation: {
    mechanism: 'admission',
    does: 'what was reserved for a question that failed is never given back',
    ledger: (ledger) =>
      over(ledger, {
        reserve: (...given) => {
          const room = ledger.reserve(...given);
          return { channel: room.channel, maxCharge: room.maxCharge, release: () => undefined };
        },
      }),
  },
  'ticket-forgotten': {
    mechanism: 'repeat',
    does: 'a ticket that was answered before is taken for a new one',
    ledger: (ledger) => over(ledger, { ticket: () => Promise.resolve(null) }),
  },
  'ticket-after-offer': {
    mechanism: 'repeat',
    does: 'the offer is looked at before the ticket: an answer under an old offer is not given again',
    handlers: (handlers, isCurrent) => ({
      ...handlers,
      ask: (ask) =>
        isCurrent(ask.head.offer)
          ? handlers.ask(ask)
          : Promise.resolve({ refusal: { code: 'OFFER_UNKNOWN', message: 'the offer is over', retryAfterMs: null } }),
    }),
  },
  'receipt-chain': {
    mechanism: 'wallet rows',
    does: 'a receipt that does not fit the ones before is taken all the same',
    wallet: unchained,
  },
  resync: {
    mechanism: 'resync',
    does: 'the state of a channel that a provider returns is not looked at',
    link: (link) =>
      over(link, {
        call: (method, params, options) =>
          method === ('channelState' as string)
            ? Promise.reject(new ClientError('ASK_TIMEOUT', 'planted: no channel state'))
            : link.call(method, params, options),
      }),
  },
  withdrawal: {
    mechanism: 'discovery withdrawal',
    does: 'an offer that a provider no longer announces is kept',
    directory: remembering,
  },
};

/** Shows the wallet receipts with the numbers that it expects. */
function unchained(wallet: Wallet): Wallet {
  const chains = new Map<string, { sequence: number; hash: string; total: bigint }>();
  return over(wallet, {
    acknowledge(payment, receipt, hash) {
      const { sequence, hash: previous, total } = chains.get(receipt.channel) ?? { sequence: 0, hash: ZERO_HASH, total: 0n };
      const chargedTotal = total + BigInt(receipt.charge);
      chains.set(receipt.channel, { sequence: sequence + 1, hash, total: chargedTotal });
      const fitting = { ...receipt, sequence: sequence + 1, previous, chargedTotal: String(chargedTotal) };
      return wallet.acknowledge(payment, fitting, hash);
    },
  });
}

function dropping(database: WalletDatabase, prefix: string): WalletDatabase {
  return {
    ...database,
    write: (changes, options) =>
      database.write(
        changes.filter(({ key }) => !key.startsWith(prefix)),
        options,
      ),
  };
}

function delayed(database: WalletDatabase): WalletDatabase {
  let waiting: Parameters<WalletDatabase['write']>[0] = [];
  return {
    ...database,
    write: async (changes, options) => {
      const before = waiting;
      waiting = changes;
      await database.write(before, options);
    },
  };
}

/** Uses the longest announcement that a provider ever made instead of the last. */
function remembering(directory: Directory): Directory {
  const longest = new Map<string, SaidOfSelf>();
  return over(directory, {
    hear: (said, from) => {
      const known = longest.get(from.peer) ?? null;
      const kept = known !== null && known.offers.length > (said?.offers.length ?? 0) ? known : said;
      longest.set(from.peer, kept);
      return directory.hear(kept, from);
    },
  });
}
