import { askNode } from '@tributary/relay/local';
import { nodeRole } from '../arguments.ts';
import { dataFolder } from '../folders.ts';
import type { Output } from '../ui/output.ts';

/**
 * `tributary balance`: what a provider earned and is owed, or what a wallet was granted, spent, has left and could
 * lose.
 */
export async function balanceCommand(options: { data?: string; role?: string; json?: boolean }, output: Output): Promise<number> {
  const role = nodeRole(options.role, 'gateway');
  const balance = await askNode(dataFolder(role, options.data), 'balance');
  if (options.json) output.json(balance);
  else
    for (const line of role === 'gateway' ? describeWallet(balance as WalletBalance) : describeBooks(balance as BooksBalance))
      output.line(line);
  return 0;
}

/** Amounts are decimal strings, in the ledger's smallest unit. */
export interface WalletBalance {
  payer: string;
  granted: string;
  locked: string;
  spent: string;
  writtenOff: string;
  couldLose: string;
  spentToday: string;
  signedToday: string;
  /** Of the API keys that paid; the amounts above contain them. */
  accounts: { key: string; channels: number; locked: string; spent: string; writtenOff: string; couldLose: string }[];
  providers: {
    did: string;
    channels: string[];
    available: string;
    locked: string;
    spent: string;
    unanswered: { count: number; amount: string };
    lost: { count: number; amount: string };
  }[];
}

/**
 * Describes a wallet: its credit, where that is, and what it could lose.
 */
export function describeWallet(balance: WalletBalance): string[] {
  const { payer, granted, locked, spent, writtenOff, couldLose, spentToday, signedToday, accounts, providers } = balance;
  const left = BigInt(granted) - BigInt(spent) - BigInt(writtenOff);
  return [
    `wallet      ${payer}`,
    `granted     ${granted} credits, by ${providers.length === 1 ? '1 provider' : `${providers.length} providers`}`,
    `spent       ${spent} on answers that were verified`,
    `left        ${left < 0n ? 0n : left}; ${locked} of the granted are locked in open channels`,
    `could lose  ${couldLose} now, if no provider answered what was promised to it`,
    `written off ${writtenOff}: charged for answers that did not arrive, and channels given up`,
    `today       ${spentToday} spent, ${signedToday} signed; --max-per-day counts what is signed`,
    ...accounts.map(
      (one) =>
        `key         ${one.key}: ${one.spent} spent, ${one.locked} locked, could lose ${one.couldLose}, written off ${one.writtenOff}`,
    ),
    ...providers.flatMap(describeProvider),
  ];
}

function describeProvider({
  did,
  channels,
  available,
  locked,
  spent,
  unanswered,
  lost,
}: WalletBalance['providers'][number]): string[] {
  const against = [
    ...(unanswered.count === 0 ? [] : [`${unanswered.amount} charged for ${unanswered.count} answers that did not arrive`]),
    ...(lost.count === 0
      ? []
      : [`${lost.count} channels given up, worth ${lost.amount}: its statements contradict this wallet's records`]),
  ];
  return [
    `with ${did}`,
    `            ${spent} spent, ${available} free, ${locked} in ${channels.length === 1 ? '1 open channel' : `${channels.length} open channels`}`,
    ...channels.map((channel) => `            channel ${channel}`),
    ...against.map((line) => `            AGAINST IT: ${line}`),
  ];
}

/** Amounts are decimal strings, in the ledger's smallest unit. */
export interface BooksBalance {
  payee: string;
  unit: string;
  granted: string;
  available: string;
  locked: string;
  spent: string;
  charged: string;
  uncovered: string;
  reserved: string;
  inFlight: number;
  openChannels: number;
}

/**
 * Describes a provider's ledger: what it earned, how much of that is not covered, and what payers may still spend.
 */
export function describeBooks(balance: BooksBalance): string[] {
  const { payee, unit, granted, available, locked, spent, charged, uncovered, reserved, inFlight, openChannels } = balance;
  return [
    `payee       ${payee}`,
    `earned      ${BigInt(charged) + BigInt(spent)} ${unit}: ${charged} on open channels, ${spent} on closed ones`,
    `not covered ${uncovered} of that: charged, but not covered by a voucher yet`,
    `granted     ${granted}: payers have ${available} free and ${locked} in ${openChannels} open channel${openChannels === 1 ? '' : 's'}`,
    `promised    ${reserved} to ${inFlight} question${inFlight === 1 ? '' : 's'} that are being answered`,
    'By index and day: tributary earnings',
  ];
}
