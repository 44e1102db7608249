import { askNode } from '@tributary/relay/local';
import { TributaryError } from '@tributary/schemas';
import { credits, nodeRole } from '../arguments.ts';
import { dataFolder } from '../folders.ts';
import type { Output } from '../ui/output.ts';

/** `tributary credit grant PAYER AMOUNT`: lets a payer spend at this provider. Credit is the owner's promise. */
export async function grantCommand(
  payer: string,
  amount: string,
  options: { data?: string; note?: string },
  output: Output,
): Promise<number> {
  if (!/^0x[0-9a-fA-F]{40}$/.test(payer)) {
    throw new TributaryError(
      'USAGE',
      `PAYER is the address of a wallet, 0x and 40 hex digits; a gateway prints its own with: tributary balance`,
    );
  }
  if (credits('AMOUNT', amount) === 0n)
    throw new TributaryError('USAGE', 'AMOUNT is what the wallet may spend more; 0 grants nothing');
  const granted = (await askNode(dataFolder('provider', options.data), 'grant', {
    payer: payer.toLowerCase(),
    amount: String(BigInt(amount)),
    note: options.note ?? '',
  })) as { available: string };
  output.line(`granted ${amount}; ${payer.toLowerCase()} now has ${granted.available} available`);
  return 0;
}

interface ChannelLine {
  channel: string;
  payer: string;
  receipts: number;
  deposit: string;
  charged: string;
  closed: boolean;
}

/** `tributary credit channels`: what each payer has locked and was charged. */
export async function channelsCommand(options: { data?: string; json?: boolean }, output: Output): Promise<number> {
  const { channels } = (await askNode(dataFolder('provider', options.data), 'channels')) as { channels: ChannelLine[] };
  if (options.json) output.json(channels);
  else if (channels.length === 0) output.line('no payer has opened a channel yet');
  else
    for (const { channel, payer, receipts, deposit, charged, closed } of channels)
      output.line(
        `${channel}\n    ${closed ? 'closed' : 'open'}, payer ${payer}: ${charged} charged of ${deposit} locked, ${receipts} receipts`,
      );
  return 0;
}

/**
 * `tributary credit close CHANNEL`: the rest of the deposit becomes available credit again. Either side may close a
 * channel.
 */
export async function closeChannelCommand(
  channel: string,
  options: { data?: string; role?: string },
  output: Output,
): Promise<number> {
  if (!/^[0-9a-f]{64}$/.test(channel)) {
    throw new TributaryError('USAGE', 'CHANNEL is 64 hex digits; list them with: tributary credit channels, tributary balance');
  }
  const role = nodeRole(options.role, 'provider');
  const { refunded } = (await askNode(dataFolder(role, options.data), 'closeChannel', { channel })) as { refunded: string };
  const whose = role === 'provider' ? "its payer's credit" : "this wallet's free credit";
  output.line(`closed; ${refunded} went back to ${whose}`);
  return 0;
}

/** `tributary ledger`: prints the whole hash chain, for an auditor or another ledger. */
export async function ledgerCommand(options: { data?: string }, output: Output): Promise<number> {
  for (let first: number | null = 1; first !== null;) {
    const page = (await askNode(dataFolder('provider', options.data), 'ledgerPage', { first })) as {
      lines: string[];
      next: number | null;
    };
    for (const line of page.lines) output.line(line);
    first = page.next;
  }
  return 0;
}
