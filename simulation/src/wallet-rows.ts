/** What a wallet's disk says of a channel. */
export interface WalletChannel {
  readonly acked: bigint;
  readonly signed: bigint;
}

/** Reads the rows of `packages/client/src/wallet/wallet-disk.ts`, independently of the wallet. */
export function readWallet(rows: readonly [string, string][]): Map<string, WalletChannel> {
  const channels = new Map<string, WalletChannel>();
  for (const [key, value] of rows) {
    if (!key.startsWith('channel/')) continue;
    const { acked, signed } = JSON.parse(value) as { acked: string; signed: string };
    channels.set(key.slice('channel/'.length), { acked: BigInt(acked), signed: BigInt(signed) });
  }
  return channels;
}
