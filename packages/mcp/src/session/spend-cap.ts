import { McpError } from '../errors.ts';

/** What one session of an agent may spend, beside the budget of its key. */
export interface SpendCap {
  /** Null: no cap. */
  readonly cap: bigint | null;
  spent(): bigint;
  /** What is left, open reservations taken off; null: no bound. */
  left(): bigint | null;
  /**
   * Sets aside the most that a question may cost.
   *
   * @throws McpError SESSION_CAP
   */
  reserve(most: bigint): Reservation;
}

export interface Reservation {
  /** Ends the reservation, once, with what was charged. */
  settle(charge: bigint): void;
}

export function createSpendCap(cap: bigint | null): SpendCap {
  let taken = 0n;
  let open = 0n;
  const left = (): bigint | null => (cap === null ? null : cap - taken - open);
  return {
    cap,
    spent: () => taken,
    left,
    reserve(most) {
      const room = left();
      if (room !== null && most > room)
        throw new McpError(
          'SESSION_CAP',
          `the question may cost ${most}; this session may spend ${room} more of ${cap}: ask for fewer results or a cheaper ` +
            'index, or end the session',
        );
      open += most;
      let done = false;
      return {
        settle(charge) {
          if (done) return;
          done = true;
          open -= most;
          taken += charge;
        },
      };
    },
  };
}
