import type { MethodParams } from '@tributary/schemas';
import type { Providers } from './discovery/types.ts';
import { choose } from './query/choose.ts';

/**
 * Fetches a provider's proof that its log grew from one size to the other, hashes as base64url. Nothing is checked
 * here, because the caller holds the two heads that it must match.
 *
 * @throws RefusalError with the provider's code; as `choose` when nobody offers the index
 */
export async function consistencyOf(
  providers: Providers,
  sizes: MethodParams<'consistency'>,
  signal?: AbortSignal,
): Promise<string[]> {
  const [known] = await choose({ index: sizes.index }, { providers, trust: null, allowed: null }, signal);
  const link = await providers.link(known!, signal);
  return (await link.call('consistency', sizes, signal ? { signal } : {})).hashes;
}
