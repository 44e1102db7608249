import { isTributaryError } from '@tributary/schemas';
import { ClientError } from '../errors.ts';
import type { WalletChannel } from './channel.ts';
import { close } from './close.ts';
import { callOpen } from './ledger-calls.ts';
import { depositQuestions, topUpQuickMs } from './limits.ts';
import { keep, tell, type WalletParts } from './parts.ts';
import { channelRow, partyOf, tallyRow } from './rows.ts';
import { dropChannel, forgetChannel, loseChannel, tallyOf } from './state.ts';
import type { ProviderLedger } from './wallet.ts';

/**
 * Opens a channel, or raises its deposit, until at least `needed` is locked. The requested deposit is on disk before it
 * is sent, and is requested again after a lost reply. It is a total, so that nothing is locked twice.
 *
 * @throws ClientError PAYMENT_NEEDED when the payer has less credit with the provider; the errors of the ledger
 */
export async function fund(
  parts: WalletParts,
  channel: WalletChannel,
  ledger: ProviderLedger,
  { needed, maxCharge, mostLocked }: { needed: bigint; maxCharge: bigint; mostLocked: bigint | null },
): Promise<void> {
  if (channel.asked > channel.deposit)
    await lock(parts, channel, ledger).catch((error: unknown) => {
      if (channel.asked > channel.deposit) throw error; // otherwise it was refused for good: ask for what is needed now
    });
  if (channel.deposit >= needed || !parts.state.channels.has(channel.channel)) return;
  const least = needed - channel.deposit;
  const available = await affordable(parts, channel, ledger, least);
  const more = depositStep(parts, channel, { least, available, maxCharge, mostLocked });
  channel.asked = channel.deposit + more;
  parts.work(channel).toppedUp = { at: parts.now(), amount: more };
  await parts.rows.write([channelRow(channel)], { sync: true }).catch((error: unknown) => {
    channel.asked = channel.deposit; // it was not sent, and must not be before it is on disk
    throw error;
  });
  await lock(parts, channel, ledger);
}

interface Step {
  least: bigint;
  available: bigint;
  maxCharge: bigint;
  mostLocked: bigint | null;
}

/**
 * Enough for several questions, and twice the last step if that was recent. At most the cap and the available credit,
 * but at least what is needed.
 */
function depositStep(
  { caps, work, now, together }: WalletParts,
  channel: WalletChannel,
  { least, available, maxCharge, mostLocked }: Step,
): bigint {
  const { at, amount } = work(channel).toppedUp;
  const usual = now() - at < topUpQuickMs ? 2n * amount : BigInt(depositQuestions) * maxCharge;
  const cap = mostLocked !== null && mostLocked < caps.deposit ? mostLocked : caps.deposit;
  const wanted = usual < cap ? usual : cap;
  if (wanted < least) return least;
  // Another wallet of the payer finds as much as this one takes.
  const share = together.size > 1 ? available / 2n : available;
  if (wanted <= share) return wanted;
  return share < least ? least : share;
}

/**
 * The payer's available credit. Lost channels are closed before another channel is opened, and when the credit is too
 * low.
 */
async function affordable(parts: WalletParts, channel: WalletChannel, ledger: ProviderLedger, least: bigint): Promise<bigint> {
  const { state, signer } = parts;
  const tally = tallyOf(state, channel.provider);
  tell(parts, tally, await ledger.credit(signer.address));
  if (tally.available < least || channel.deposit === 0n) {
    const lost = [...state.channels.values()].filter((one) => one.lost && partyOf(one.provider) === partyOf(channel.provider));
    for (const one of lost) await close(parts, one, ledger, channel.provider.receiptSigner).catch(() => undefined);
    if (lost.length > 0) tell(parts, tally, await ledger.credit(signer.address));
  }
  if (tally.available >= least) return tally.available;
  throw new ClientError(
    'PAYMENT_NEEDED',
    `the query needs ${least} more and this wallet holds ${tally.available} with the provider; its owner can grant more: tributary credit grant ${signer.address} AMOUNT`,
  );
}

async function lock(parts: WalletParts, channel: WalletChannel, ledger: ProviderLedger): Promise<void> {
  const { state, steadyNow } = parts;
  const { asked } = channel;
  const told = await callOpen(parts, channel, ledger, asked).catch((error: unknown) => refused(parts, channel, error));
  if (told.state.closed) return keep(parts, channel, dropChannel(state, channel, told, steadyNow()));
  // An old copy of the wallet does not know what was signed in it.
  if (channel.deposit === 0n && told.state.sequence > 0) keep(parts, channel, loseChannel(state, channel, steadyNow()));
  const deposit = BigInt(told.state.deposit);
  if (deposit < asked)
    throw new ClientError('PAYMENT_NEEDED', `the provider did not lock ${asked} in channel ${channel.channel.slice(0, 12)}…`);
  const tally = tallyOf(state, channel.provider);
  const rest = tally.available - deposit + channel.deposit;
  tell(parts, tally, rest > 0n ? rest : 0n); // it may have been locked before a reply was lost
  channel.deposit = channel.asked = deposit;
  parts.rows.writeSoon([channelRow(channel), tallyRow(tally)]); // the next promise is synced after it
}

/**
 * Only a definitive refusal by the provider proves that nothing was locked. Then the row of a channel that never
 * existed is removed.
 */
function refused(parts: WalletParts, channel: WalletChannel, error: unknown): never {
  if (isTributaryError(error) && (error.code === 'CREDIT_INSUFFICIENT' || error.code === 'CHANNEL_TERMS')) {
    channel.asked = channel.deposit;
    keep(parts, channel, channel.deposit === 0n ? forgetChannel(parts.state, channel) : [channelRow(channel)]);
  }
  throw error;
}
