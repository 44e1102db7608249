import type { Clock } from '../clock.ts';
import { createAdmissionQueue, type AdmissionQueue } from './admission-queue.ts';
import type { WalletChannel } from './channel.ts';
import type { RowChange } from './database.ts';
import type { RowWriter } from './row-writer.ts';
import { partyOf, tallyRow, type Tally } from './rows.ts';
import type { Signer } from './signer.ts';
import type { WalletState } from './state.ts';
import type { SpendCaps } from './wallet.ts';

/** What the steps of a wallet share: its state, its disk, its key, and the work in progress on each channel. */
export interface WalletParts {
  readonly state: WalletState;
  readonly rows: RowWriter<RowChange>;
  readonly signer: Signer;
  readonly work: (channel: WalletChannel) => ChannelWork;
  readonly caps: SpendCaps;
  /** This wallet and the others of its payer: the cap per day is for all of them. */
  readonly together: ReadonlySet<WalletParts>;
  /** Unix milliseconds. */
  now(): number;
  /** The clock of the daily budget; a jump of the machine's clock starts no new day. */
  steadyNow(): number;
  /** Milliseconds of a clock that no setting of the machine's clock moves. */
  elapsedMs(): number;
  /** When the wallet was opened, by `elapsedMs`. */
  readonly openedAt: number;
  /** Hashes of the offers whose statements are on disk. */
  readonly stated: Set<string>;
}

/** The work in progress on a channel. */
export interface ChannelWork {
  readonly queue: AdmissionQueue;
  /** The opening or top-up in progress. */
  funding: Promise<void> | null;
  resyncing: Promise<void> | null;
  /** The last top-up. */
  toppedUp: { at: number; amount: bigint };
}

/** Creates the work of a channel on first access. It lasts as long as the channel. */
export function createWork(clock: Clock): (channel: WalletChannel) => ChannelWork {
  const all = new WeakMap<WalletChannel, ChannelWork>();
  return (channel) => {
    const queue = () => createAdmissionQueue(clock);
    const work = all.get(channel) ?? { queue: queue(), funding: null, resyncing: null, toppedUp: { at: 0, amount: 0n } };
    all.set(channel, work);
    return work;
  };
}

/** The credit of a payer belongs to all of its wallets: what a provider told one of them, the others know. */
export function tell({ together }: WalletParts, told: Tally, available: bigint): void {
  told.available = available; // its rows are written with the channel
  for (const { state, rows } of together) {
    const tally = state.tallies.get(partyOf(told));
    if (!tally || tally.available === available) continue;
    tally.available = available;
    rows.writeSoon([tallyRow(tally)]);
  }
}

/** Writes the rows of a changed channel soon, and lets callers that wait for room on it check again. */
export function keep({ rows, work }: WalletParts, channel: WalletChannel, changes: readonly RowChange[]): void {
  rows.writeSoon(changes);
  work(channel).queue.look();
}
