// A gateway for tests of the page. Its client answers every question with a real proof over the given passages.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client, KnownOffer } from '@tributary/client';
import { readIdentity } from '@tributary/proof/statements';
import type { Bundle, Offer, Request } from '@tributary/schemas';
import { makeTestBundle, SERVED_AT } from '../../packages/proof/test/_bundle.ts';
import type { TestIndex } from '../../packages/proof/test/_index.ts';
import { openProofStore } from '../../packages/relay/src/gateway/proof-store.ts';
import type { GatewayDeps } from '../../packages/relay/src/gateway/types.ts';
import { createGateway } from '../../packages/relay/src/gateway/server.ts';
import { silentLog } from '../../packages/relay/src/testing/silent-log.ts';
import { createMetrics } from '../../packages/relay/src/observe/metrics.ts';

export { SERVED_AT };

export interface PageGateway {
  url: string;
  /** Questions that were asked and would have been paid for. */
  asked: MadeQuestion[];
  /** Applies a change to the next answers. */
  tamper(change: (bundle: Bundle) => Bundle): void;
  close(): Promise<void>;
}

type MadeQuestion = Parameters<Client['queryBytes']>[0];

/** The proof that an honest provider of the index would give. */
function proofOf({ nonce, body }: MadeQuestion, index: TestIndex): Bundle {
  return makeTestBundle({ index, nonce, request: () => JSON.parse(body) as Request });
}

/** @param apiKeys keys that callers then need */
export async function servePage(index: TestIndex, apiKeys?: GatewayDeps['apiKeys']): Promise<PageGateway> {
  const directory = await mkdtemp(join(tmpdir(), 'tributary-page-'));
  const metrics = createMetrics();
  const proofs = await openProofStore({ directory, log: silentLog, metrics });
  const asked: MadeQuestion[] = [];
  let change = (bundle: Bundle) => bundle;
  const client: Client = {
    query: () => Promise.reject(new Error('the page makes its own bytes')),
    async queryBytes(made) {
      asked.push(made);
      return change(proofOf(made, index));
    },
    embed: () => Promise.reject(new Error('the page embeds nothing')),
    embeddings: () => [],
    recovered: () => Promise.resolve([]),
    offers: () => [knownOffer(makeTestBundle({ index }))],
    refresh: () => Promise.resolve(),
  };
  const gateway = await createGateway({
    client,
    credit: {
      payer: `0x${'ab'.repeat(20)}`,
      of: () => Promise.resolve([{ provider: index.manifest.provider, credit: 10_000n }]),
    },
    consistency: () => Promise.resolve([]),
    proofs,
    metrics,
    log: silentLog,
    ready: () => ({ ready: true, providers: 1, readOnly: false }),
    now: () => SERVED_AT,
    requestId: () => 'page-test',
    ...(apiKeys ? { apiKeys } : {}),
    port: 0,
  });
  const { url } = await gateway.listen();
  return {
    url,
    asked,
    tamper: (next) => (change = next),
    async close() {
      await gateway.close();
      await proofs.close();
      await rm(directory, { recursive: true });
    },
  };
}

function knownOffer(bundle: Bundle): KnownOffer {
  const offer = JSON.parse(bundle.offer.body) as Offer;
  const { identity, hash } = readIdentity(bundle.identity);
  return {
    signedIdentity: bundle.identity,
    identity,
    identityHash: hash,
    signedOffer: bundle.offer,
    offer,
    offerHash: bundle.receipt.offerHash,
    addresses: [],
  };
}
