import type { VerifiedAnswer } from '@tributary/proof';
import { fromBase64url } from '@tributary/proof/primitives';
import { checkShape, gatewayConsistency } from '@tributary/schemas';
import type { Heads } from '../heads/heads.ts';
import { exchange, type GatewayCalls } from './gateway-calls.ts';

/**
 * Compares the log of a verified answer with what it showed before. The provider's consistency proof comes through the
 * gateway, which cannot forge one.
 *
 * @param asked size of the log that was known when the question was sent
 * @throws ProofError HEAD_ROLLBACK, HEAD_FORK, HEAD_CONSISTENCY; the errors of `exchange`
 */
export async function holdToHead(
  held: Heads,
  { offer, snapshot }: Pick<VerifiedAnswer, 'offer' | 'snapshot'>,
  asked: number,
  calls: GatewayCalls,
  signal?: AbortSignal,
): Promise<void> {
  await held.hold(offer.index, snapshot, asked, async ({ first, second }) => {
    const address = `/v1/consistency?index=${encodeURIComponent(offer.index)}&first=${first}&second=${second}`;
    const proof = await exchange(calls, address, null, { signal });
    return checkShape(gatewayConsistency, proof, "the gateway's consistency proof").hashes.map(fromBase64url);
  });
}
