import { ClientError } from '../errors.ts';
import { outstanding } from './channel.ts';
import { partyOf } from './rows.ts';
import { today, type WalletState } from './state.ts';
import type { SpendCaps, WalletTotals } from './wallet.ts';

/**
 * @param together the wallets that the cap per day is for
 * @throws ClientError SPEND_CAP when signing `raise` more would exceed a cap
 */
export function checkCaps(
  together: Iterable<{ state: WalletState }>,
  { perCall, perDay }: SpendCaps,
  nowMs: number,
  maxCharge: bigint,
  raise: bigint,
): void {
  if (perCall !== null && maxCharge > perCall)
    throw new ClientError('SPEND_CAP', `the query may cost ${maxCharge}; the cap per call is ${perCall}`);
  if (perDay === null) return;
  let promised = raise;
  for (const { state } of together) promised += today(state, nowMs).signed;
  if (promised > perDay)
    throw new ClientError('SPEND_CAP', `this query could bring today's spending to ${promised}; the cap per day is ${perDay}`);
}

/** Sums of all channels and tallies. */
export function totals(state: WalletState, nowMs: number): WalletTotals {
  const sums = { granted: 0n, locked: 0n, spent: 0n, writtenOff: 0n, couldLose: 0n };
  const providers = [...state.tallies.values()].map(({ charged, ...tally }) => {
    const channels = [...state.channels.values()].filter(({ provider }) => partyOf(provider) === partyOf(tally));
    const locked = channels.reduce((sum, { deposit }) => sum + deposit, 0n);
    sums.granted += tally.available + locked + charged;
    sums.locked += locked;
    sums.spent += tally.spent;
    sums.writtenOff += tally.unanswered.amount + tally.lost.amount;
    for (const channel of channels) if (!channel.lost) sums.couldLose += outstanding(channel);
    const unspent = channels.reduce((sum, { lost, deposit, acked }) => (lost ? sum : sum + deposit - acked), 0n);
    return { ...tally, locked, unspent, channels: channels.filter(({ deposit }) => deposit > 0n).map(({ channel }) => channel) };
  });
  const { signed: signedToday, spent: spentToday } = today(state, nowMs);
  const channels = [...state.current.values()].filter(({ deposit }) => deposit > 0n).length;
  return { ...sums, spentToday, signedToday, channels, providers };
}
