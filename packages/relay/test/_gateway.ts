// A gateway with a scripted client, for tests of its routes and errors that need no network.
import type { Client, KnownOffer, QueryResult } from '@tributary/client';
import { receiptHash } from '@tributary/proof/payment';
import { writeRequest } from '@tributary/proof/statements';
import type { Bundle, Offer } from '@tributary/schemas';
import type { Proof } from '../src/gateway/proof-files.ts';
import { createGateway, type GatewayServer } from '../src/gateway/server.ts';
import type { GatewayDeps } from '../src/gateway/types.ts';
import { createLog } from '../src/observe/log.ts';
import { createMetrics } from '../src/observe/metrics.ts';

export const OWNER = 'did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK';
export const INDEX = `rivers@${'1f'.repeat(16)}`;
const NOW = 1_790_000_000_000;
const ADDRESS = `0x${'ab'.repeat(20)}`;
const HASH = 'cd'.repeat(32);
const SIGNATURE = { ed25519: 'A'.repeat(86), secp256k1: '00'.repeat(65) };

const OFFER: Offer = {
  v: 1,
  type: 'tributary/offer',
  identity: HASH,
  index: INDEX,
  visibility: 'listed',
  card: {
    title: 'Rivers',
    description: 'Reports on rivers',
    licence: 'CC-BY-4.0',
    records: 39,
    model: HASH,
    modelId: 'test/model',
    languages: ['en'],
    dimension: 3,
    metric: 'cosine',
  },
  price: { base: '100', perResult: '10', perKiB: '7', empty: '0' },
  unit: 'credit',
  network: { id: `tributary:${OWNER}`, chainId: 0, verifyingContract: ADDRESS },
  limits: { topK: 20, queriesPerMinute: 60, exposurePerChannel: null, exposurePerEpoch: 1_000, epochMs: 86_400_000 },
  credit: '0',
  maxInFlight: 4,
  maxCharge: '1000',
  answerKeepMs: 600_000,
  deadlineMaxMs: 30_000,
  hiding: 'none',
  issued: NOW - 1,
  expiry: NOW + 1,
};

/** The exact text of a request. */
export const REQUEST_BODY = writeRequest({
  v: 1,
  type: 'tributary/query',
  index: INDEX,
  namespace: '',
  topK: 3,
  mode: 'bm25',
  denseWeight: null,
  text: 'über',
  vector: null,
  model: null,
  filter: null,
  minRelevance: 0,
  minSequence: null,
});

/** A bundle in the right shape. Nothing in it verifies; the gateway leaves that to its client. */
export function sampleBundle(sequence: number): Bundle {
  return {
    v: 1,
    type: 'tributary/bundle',
    request: { nonce: 'A'.repeat(43), body: '{"q":"über"}' },
    response: '{"results":[]}',
    records: [],
    receipt: {
      channel: HASH,
      ticket: 'A'.repeat(22),
      sequence,
      requestHash: HASH,
      responseHash: HASH,
      offerHash: HASH,
      manifestHash: HASH,
      snapshot: 7,
      status: 'ok',
      charge: '120',
      chargedTotal: '120',
      servedAt: NOW,
      previous: HASH,
      signature: SIGNATURE.secp256k1,
    },
    payment: null,
    offer: { body: JSON.stringify(OFFER), signature: SIGNATURE.secp256k1 },
    identity: { body: '{}', signature: SIGNATURE.ed25519, payeeSignature: SIGNATURE.secp256k1 },
    manifest: '{}',
    log: 'log',
    witnesses: [],
    writes: [],
  };
}

export const receiptOf = (bundle: Bundle): string => receiptHash(bundle.receipt, OFFER.network);

/** An answer by one or more indexes. */
export function sampleResult(...bundles: Bundle[]): QueryResult {
  return {
    failed: [],
    results: [
      {
        rank: 1,
        id: 'r-1',
        score: 0.5,
        components: { dense: 0.5, bm25: null },
        relevance: 0.5,
        text: 'The flood begins in April.',
        metadata: { year: 1961, tags: ['flood'] },
        namespace: '',
        index: INDEX,
        provider: OWNER,
        signer: OWNER,
        custody: 'self',
        author: null,
        licence: 'CC-BY-4.0',
        source: { document: 'a.pdf', uri: null, title: 'A', context: '', page: 3, start: 0, end: 26, sha256: HASH },
        verified: true,
      },
    ],
    mode: 'dense',
    answers: bundles.map((bundle) => ({
      index: INDEX,
      snapshot: { sequence: 7, at: new Date(NOW).toISOString() },
      usage: { charge: bundle.receipt.charge, unit: 'credit', receipt: receiptOf(bundle) },
      couldLose: '120',
      bundle: () => bundle,
    })),
    usage: { charge: String(bundles.length * 120), unit: 'credit' },
    pinned: false,
    unpinned: [{ code: 'LOG_UNPINNED', key: OWNER }],
    notProven: ['completeness'],
  };
}

const known: KnownOffer = {
  signedIdentity: { body: '{}', signature: SIGNATURE.ed25519, payeeSignature: SIGNATURE.secp256k1 },
  identity: {
    v: 1,
    type: 'tributary/identity',
    did: OWNER,
    peerId: 'peer',
    receiptSigner: ADDRESS,
    payee: ADDRESS,
    sequence: 1,
    issued: NOW,
    expiry: NOW + 1,
  },
  identityHash: HASH,
  signedOffer: { body: '{}', signature: SIGNATURE.secp256k1 },
  offer: OFFER,
  offerHash: HASH,
  addresses: [],
};

export interface Opened {
  gateway: GatewayServer;
  /** Lines that were logged. */
  lines: string[];
}

export async function openGateway(client: Partial<Client> = {}, deps: Partial<GatewayDeps> = {}): Promise<Opened> {
  const lines: string[] = [];
  const kept = new Map<string, Proof>();
  const gateway = await createGateway({
    client: {
      query: () => Promise.resolve(sampleResult(sampleBundle(1))),
      queryBytes: () => Promise.resolve(sampleBundle(1)),
      embed: () => Promise.reject(new Error('nobody sells embeddings')),
      offers: () => [known],
      embeddings: () => [],
      recovered: () => Promise.resolve([]),
      refresh: () => Promise.resolve(),
      ...client,
    },
    credit: { payer: ADDRESS, of: () => Promise.resolve([{ provider: OWNER, credit: 60n }]) },
    consistency: () => Promise.resolve(['A'.repeat(43)]),
    proofs: {
      keep: (receipt, make) => void kept.set(receipt, make()),
      get: async (receipt) => kept.get(receipt) ?? null,
      settled: () => Promise.resolve(),
      close: () => Promise.resolve(),
    },
    log: createLog({ json: true, now: () => NOW, write: (line) => void lines.push(line) }),
    metrics: createMetrics(),
    ready: () => ({ ready: true, providers: 1, readOnly: false }),
    page: () => Promise.resolve({ html: '<html data-ask="wait">', js: 'export {}', css: 'a{}' }),
    now: () => NOW,
    requestId: () => 'request-1',
    port: 0,
    ...deps,
  });
  return { gateway, lines };
}
