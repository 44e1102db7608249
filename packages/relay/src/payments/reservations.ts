import type { HeldVoucher } from '@tributary/schemas';
import type { LedgerChannel } from '../ledger/balances.ts';

/**
 * What a channel has reserved for requests that are not charged yet. It may be lost on restart, because nothing was
 * charged.
 */
export interface Hold {
  reserved: bigint;
  inFlight: number;
  /** Highest voucher verified since the channel was last idle. It reaches the disk with the next charge. */
  best: HeldVoucher | null;
}

/** The reserved charge of one request. `release` gives it back; repeating it is allowed. */
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

/** The highest known voucher of a channel: on disk, in memory, or the given one. */
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
