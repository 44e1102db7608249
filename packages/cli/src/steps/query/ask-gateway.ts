import { join } from 'node:path';
import type { Question } from '@tributary/client';
import { openHeadStore } from '@tributary/client/heads';
import { openHttpClient } from '@tributary/client/http';
import type { Trust } from '@tributary/schemas';
import { ownKey } from '../../arguments.ts';
import type { Answers } from '../../ui/answers.ts';

/**
 * Asks through a gateway, which pays from its wallet. Verifies here.
 *
 * @throws ClientError GATEWAY_UNREACHABLE when nothing listens there
 */
export async function askGateway(
  question: Question,
  gateway: string,
  { data, trust, signal }: { data: string; trust: Trust | undefined; signal: AbortSignal },
): Promise<Answers> {
  // The same heads as without a gateway, because a log must not go back on either path.
  const heads = await openHeadStore(join(data, 'heads'), { shared: true });
  const client = openHttpClient({ gateway, heads, ...ownKey(process.env), ...(trust ? { trust } : {}) });
  const { results, answer, bundle, pinned, unpinned } = await client.query(question, { signal });
  const { offer, snapshot, receiptHash, notProven } = answer;
  const usage = { charge: bundle.receipt.charge, unit: offer.unit };
  return {
    results,
    answers: [
      {
        index: offer.index,
        snapshot: { sequence: snapshot.manifest.sequence, at: new Date(snapshot.manifest.time).toISOString() },
        usage: { ...usage, receipt: receiptHash },
      },
    ],
    failed: [],
    usage,
    pinned,
    unpinned,
    notProven: [...notProven],
    bundles: [bundle],
  };
}
