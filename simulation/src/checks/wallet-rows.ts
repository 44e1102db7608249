/** The rows of a channel on a wallet's disk. */
export interface WalletChannel {
  readonly acked: bigint;
  readonly signed: bigint;
  /** Number of the newest receipt up to which there is no gap. */
  readonly sequence: number;
  /** The wallet has found that the provider contradicts it. */
  readonly lost: boolean;
}

interface ChannelRow {
  readonly acked: string;
  readonly signed: string;
  readonly chain: { readonly sequence: number };
  readonly lost?: boolean;
}

/** Reads the rows of `packages/client/src/wallet/rows.ts`, independently of the wallet. */
export function readWallet(rows: readonly [string, string][]): Map<string, WalletChannel> {
  const channels = new Map<string, WalletChannel>();
  for (const [key, value] of rows) {
    if (!key.startsWith('channel/')) continue;
    const { acked, signed, chain, lost = false } = JSON.parse(value) as ChannelRow;
    const sums = { acked: BigInt(acked), signed: BigInt(signed) };
    channels.set(key.slice('channel/'.length), { ...sums, sequence: chain.sequence, lost });
  }
  return channels;
}

/** Charges of a provider whose answers never came, by the wallet's rows. */
export function unansweredOf(rows: readonly [string, string][], did: string): bigint {
  let sum = 0n;
  for (const [key, value] of rows)
    if (key.startsWith(`tally/${did} `)) sum += BigInt((JSON.parse(value) as TallyRow).unanswered.amount);
  return sum;
}

interface TallyRow {
  readonly unanswered: { readonly amount: string };
}
