import { channelId } from '@tributary/proof/payment';
import type { OpenChannel } from '@tributary/schemas';
import { RelayError } from '../errors.ts';
import { lastReceipt } from './settle.ts';
import type { BookedChannel } from './ledger.ts';
import type { Reservations } from './reservations.ts';
import { appendEntry, type Draft } from '../ledger/state.ts';
import { channelsPerPayerMax, inFlightPauseMs } from './limits.ts';

/**
 * Grants credit to a payer.
 *
 * @throws RelayError CREDIT_INSUFFICIENT when the account would overflow
 */
export function grantInto(draft: Draft, { payer, amount, note }: { payer: string; amount: bigint; note: string }): void {
  const granted = draft.state.balances.accounts.get(payer)?.granted ?? 0n;
  if (amount <= 0n || granted + amount >= 1n << 128n) {
    throw new RelayError(
      'CREDIT_INSUFFICIENT',
      `a grant of ${amount} to ${payer} is out of range: above zero, and below 2^128 in all`,
    );
  }
  appendEntry(draft, { type: 'grant', at: draft.nowMs, payer, amount: String(amount), note });
}

/**
 * Locks credit in a channel, or raises its deposit. `deposit` is the total, so repeating an opening changes nothing.
 *
 * @throws RelayError CHANNEL_TERMS, CREDIT_INSUFFICIENT
 */
export function openInto(draft: Draft, { terms, deposit, signature }: OpenChannel): BookedChannel {
  const { balances } = draft.state;
  const id = channelId(terms, balances.network);
  const known = balances.channels.get(id);
  if (known?.closed === true)
    throw new RelayError('CHANNEL_TERMS', 'the channel with these terms is closed; open one with another salt');
  const more = BigInt(deposit) - (known?.deposit ?? 0n);
  if (known === undefined && more <= 0n) throw new RelayError('CHANNEL_TERMS', 'a channel needs a deposit above zero');
  if (more > 0n) {
    if (known === undefined && (balances.openOf.get(terms.payer) ?? 0) >= channelsPerPayerMax) {
      throw new RelayError('CHANNEL_TERMS', `${terms.payer} has ${channelsPerPayerMax} open channels; close some`);
    }
    const available = balances.accounts.get(terms.payer)?.available ?? 0n;
    if (available < more) {
      throw new RelayError(
        'CREDIT_INSUFFICIENT',
        `${terms.payer} has ${available} units of credit here; ${more} more must be locked`,
      );
    }
    appendEntry(draft, { type: 'open', at: draft.nowMs, channel: id, terms, deposit, signature });
  }
  return bookedIn(draft, id);
}

/**
 * The state of a channel as it will be once the draft is durable.
 *
 * @throws RelayError CHANNEL_UNKNOWN
 */
export function bookedIn(draft: Draft, id: string): BookedChannel {
  const channel = draft.state.balances.channels.get(id);
  if (channel === undefined) throw new RelayError('CHANNEL_UNKNOWN', `no channel ${id}`);
  const { deposit, charged, sequence, receiptHash, closed } = channel;
  return {
    channel: id,
    deposit: String(deposit),
    sequence,
    chargedTotal: String(charged),
    receiptHash,
    closed,
    receipt: lastReceipt(draft, id),
  };
}

/**
 * Closes a channel. The uncharged rest of the deposit becomes available again.
 *
 * @throws RelayError CHANNEL_UNKNOWN, IN_FLIGHT_CAP
 */
export function closeInto(draft: Draft, id: string, reservations: Reservations): { refunded: bigint } {
  const channel = draft.state.balances.channels.get(id);
  if (channel === undefined || channel.closed) throw new RelayError('CHANNEL_UNKNOWN', `no open channel ${id}`);
  const { inFlight } = reservations.of(id);
  if (inFlight > 0)
    throw new RelayError('IN_FLIGHT_CAP', `${inFlight} requests of the channel are running; close it when they are done`, {
      retryAfterMs: inFlightPauseMs,
    });
  const refunded = channel.deposit - channel.charged;
  appendEntry(draft, { type: 'close', at: draft.nowMs, channel: id, refunded: String(refunded) });
  return { refunded };
}
