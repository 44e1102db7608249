import type { HeldVoucher } from '@tributary/schemas';
import type { LedgerChannel } from '../ledger/balances.ts';

/**
 * What a channel has promised to requests that are not charged yet. Lost on restart, as it may be: nothing was charged.
 */
export interface Hold {
  reserved: bigint;
  inFlight: number;
  /** Highest voucher verified since the channel was last idle; it reaches the disk with the next charge. */
  best: HeldVoucher | null;
}

/** Room for one request's charge. `release` gives it back and may be called any number of times. */
export interface Reservation {
  readonly channel: string;
  readonly maxCharge: bigint;
  release(): void;
}

export interface Reservations {
  of(channel: string): Readonly<Hold>;
  take(channel: string, maxCharge: bigint, voucher: HeldVoucher): Reservation;
  totals(): { reserved: bigint; inFlight: number };
}

const IDLE: Readonly<Hold> = { reserved: 0n, inFlight: 0, best: null };

export function createReservations(): Reservations {
  const holds = new Map<string, Hold>();
  return {
    of: (channel) => holds.get(channel) ?? IDLE,
    take(channel, maxCharge, voucher) {
      const hold = holds.get(channel) ?? { ...IDLE };
      holds.set(channel, hold);
      hold.reserved += maxCharge;
      hold.inFlight += 1;
      if (hold.best === null || BigInt(voucher.cumulative) > BigInt(hold.best.cumulative)) hold.best = voucher;
      let open = true;
      const release = (): void => {
        if (!open) return;
        open = false;
        hold.reserved -= maxCharge;
        hold.inFlight -= 1;
        if (hold.inFlight === 0) holds.delete(channel);
      };
      return { channel, maxCharge, release };
    },
    totals() {
      let [reserved, inFlight] = [0n, 0];
      for (const hold of holds.values()) {
        reserved += hold.reserved;
        inFlight += hold.inFlight;
      }
      return { reserved, inFlight };
    },
  };
}

/** The highest voucher known of a channel: on disk, in memory, or the one given. */
export function bestVoucher(
  channel: Pick<LedgerChannel, 'voucher'>,
  hold: Pick<Hold, 'best'>,
  own: HeldVoucher | null,
): HeldVoucher | null {
  const known = [channel.voucher, hold.best, own].filter((voucher) => voucher !== null);
  return known.reduce<HeldVoucher | null>(
    (best, voucher) => (best === null || BigInt(voucher.cumulative) > BigInt(best.cumulative) ? voucher : best),
    null,
  );
}
