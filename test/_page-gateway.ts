// A gateway for tests of the page: its client answers every question with a real proof over the passages it is given.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client, KnownOffer, QueryResult, Question } from '@tributary/client';
import { readIdentity, receiptHash } from '@tributary/proof';
import type { Bundle, Offer } from '@tributary/schemas';
import { makeTestBundle, SERVED_AT } from '../packages/proof/test/_bundle.ts';
import type { TestIndex } from '../packages/proof/test/_index.ts';
import { openProofStore } from '../packages/relay/src/gateway/proof-store.ts';
import { createGateway } from '../packages/relay/src/gateway/server.ts';
import { silentLog } from '../packages/relay/src/observe/log.ts';
import { createMetrics } from '../packages/relay/src/observe/metrics.ts';

export { SERVED_AT };

export interface PageGateway {
  url: string;
  /** Questions that were asked and would have been paid for. */
  asked: Question[];
  /** What the next answers go through on their way out. */
  tamper(change: (bundle: Bundle) => Bundle): void;
  close(): Promise<void>;
}

/** The proof that an honest provider of the index gives. */
function proofOf(question: Question, index: TestIndex): Bundle {
  const { text = '', topK = 10 } = question;
  return makeTestBundle({
    index,
    request: (request) => ({
      ...request,
      text,
      topK,
      vector: null,
      model: null,
      filter: null,
      minRelevance: 0,
      minSequence: null,
    }),
  });
}

export async function servePage(index: TestIndex): Promise<PageGateway> {
  const directory = await mkdtemp(join(tmpdir(), 'tributary-page-'));
  const metrics = createMetrics();
  const proofs = await openProofStore({ directory, log: silentLog, metrics });
  const asked: Question[] = [];
  let change = (bundle: Bundle) => bundle;
  const client: Client = {
    async query(question) {
      asked.push(question);
      return resultOf(change(proofOf(question, index)));
    },
    queryBytes: () => Promise.reject(new Error('not asked here')),
    offers: () => [knownOffer(proofOf({ text: 'none' }, index))],
    refresh: () => Promise.resolve(),
  };
  const gateway = await createGateway({
    client,
    consistency: () => Promise.resolve([]),
    proofs,
    metrics,
    log: silentLog,
    ready: () => ({ ready: true, providers: 1 }),
    now: () => SERVED_AT,
    requestId: () => 'page-test',
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

/** The page shows nothing but what the proof holds, so the rest of the result is bare. */
function resultOf(bundle: Bundle): QueryResult {
  const offer = JSON.parse(bundle.offer.body) as Offer;
  const { snapshot, charge, servedAt } = bundle.receipt;
  const usage = { charge, unit: offer.unit, receipt: receiptHash(bundle.receipt, offer.network) };
  const part = {
    index: offer.index,
    snapshot: { sequence: snapshot, at: new Date(servedAt).toISOString() },
    usage,
    couldLose: charge,
  };
  return {
    results: [],
    mode: 'hybrid',
    answers: [{ ...part, bundle: () => bundle }],
    usage,
    pinned: false,
    unpinned: [],
    notProven: [],
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
