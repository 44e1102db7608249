import type { KnownOffer, Providers } from './discovery/types.ts';
import { creditProvidersMax, creditTimeoutMs } from './wallet/limits.ts';
import type { ProviderTotals, Wallet } from './wallet/wallet.ts';

/** What a wallet can still spend with one provider. */
export interface ProviderCredit {
  /** did:key of the provider. */
  provider: string;
  /** In the unit of its ledger; null when it did not say in time. */
  credit: bigint | null;
}

/**
 * What a wallet can still spend with each provider that offers an index: its free credit there, as the provider states
 * it now, and what is left in its own channels.
 */
export async function creditOf(wallet: Wallet, providers: Providers): Promise<ProviderCredit[]> {
  const known = new Map(providers.offers().map((one) => [one.identity.did, one]));
  const { providers: held } = await wallet.totals();
  return Promise.all(
    [...known.values()].slice(0, creditProvidersMax).map(async (one) => {
      const free = await freeWith(one, wallet.address, providers);
      return { provider: one.identity.did, credit: free === null ? null : free + unspentIn(held, one) };
    }),
  );
}

function unspentIn(held: readonly ProviderTotals[], { identity }: KnownOffer): bigint {
  const own = held.filter(({ did, receiptSigner }) => did === identity.did && receiptSigner === identity.receiptSigner);
  return own.reduce((sum, { unspent }) => sum + unspent, 0n);
}

/** A provider that cannot be reached, or is slow, holds nobody up. */
async function freeWith(known: KnownOffer, payer: string, providers: Providers): Promise<bigint | null> {
  const signal = AbortSignal.timeout(creditTimeoutMs);
  const late = new Promise<null>((resolve) => signal.addEventListener('abort', () => resolve(null), { once: true }));
  const asked = async () => {
    const link = await providers.link(known, signal);
    return BigInt((await link.call('credit', { payer }, { signal })).available);
  };
  return Promise.race([asked().catch(() => null), late]);
}
