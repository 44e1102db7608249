// What each `op` of schemas/vectors/{offer,payment,query,bundle,writers,embedding} computes, by the pages of docs/spec
// of the same name.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type AboutChannel,
  type ToldChannel,
  TributaryError,
  type ChannelTerms,
  type EmbeddingPrice,
  type Metadata,
  type Metric,
  type OpenChannel,
  type Price,
  type QueryMode,
  type Receipt,
  type SignedOffer,
  type SignedStatement,
  type Statistics,
  type Ticket,
  type Trust,
  type WritersStatement,
} from '@tributary/schemas';
import { compileFilter } from '../src/filter/compile.ts';
import { ProofError, verifyBundle, verifyEmbeddingBundle } from '../src/index.ts';
import {
  checkChannelState,
  recoverAboutChannel,
  channelId,
  chargeOf,
  embeddingPriceOf,
  networkOf,
  priceOf,
  quoteOf,
  readOffer,
  receiptHash,
  recoverOpenChannel,
  recoverReceipt,
  recoverVoucher,
  textBytesOf,
  ticketHash,
  type Network,
} from '../src/payment.ts';
import { channelStateDigest } from '../src/payment/channel-state.ts';
import { aboutChannelDigest, openChannelDigest } from '../src/payment/channel.ts';
import { offerDigest, type OfferOwner } from '../src/payment/offer.ts';
import { voucherDigest, type VoucherFields } from '../src/payment/voucher.ts';
import { fromBase64url, sparseFromBase64url, toHex, vectorFromBase64url } from '../src/primitives.ts';
import {
  bm25,
  bm25Query,
  closeness,
  compareResults,
  denseScore,
  queryTerms,
  scoreOf,
  termCounts,
  terms,
} from '../src/ranking.ts';
import { measureSparse } from '../src/score/sparse.ts';
import {
  checkScope,
  delegationsOf,
  readAnswer,
  readEmbeddings,
  readEmbedRequest,
  readRequest,
  readWriters,
  requestHash,
  responseHash,
} from '../src/statements.ts';

export interface VectorCase {
  readonly comment: string;
  readonly op: string;
  readonly input: never;
  readonly expect?: unknown;
  readonly code?: string;
}

export function readVectors(name: string): VectorCase[] {
  return JSON.parse(readFileSync(join(import.meta.dirname, '../../../schemas/vectors', name), 'utf8')) as VectorCase[];
}

const paidFile = () => (readVectors('bundle.valid.json')[0]!.input as { file: string }).file;

function verify(file: string, trust?: Trust) {
  const { failed, ok, trusted, pinned, notProven, facts } = verifyBundle(file, trust === undefined ? {} : { trust });
  if (failed !== null) throw new ProofError(failed.code, failed.message);
  return { ok, trusted, pinned, notProven, facts };
}
function signedBy<T>(
  signer: string | null,
  expected: string | undefined,
  code: 'VOUCHER_SIGNATURE' | 'RECEIPT_SIGNATURE' | 'CHANNEL_UNKNOWN',
  value: T,
) {
  if (signer === null || (expected !== undefined && signer !== expected)) throw new TributaryError(code, 'signed by another');
  return { ...value, signer };
}

interface Charged {
  status: Receipt['status'];
  price: Price;
  maxCharge: string;
  ticketMaxCharge: string;
  topK: number;
  results: number;
  textBytes: number;
}
interface Scored {
  mode: QueryMode;
  denseWeight: number | null;
  metric: Metric;
  dense: number | null;
  bm25: number | null;
  sparse?: number | null;
  bound: number;
  results: { slot: number; score: number }[];
}

interface AboutInput {
  method: 'channelState' | 'closeChannel';
  about: AboutChannel;
  network: Network;
  payer?: string;
}

export const OPERATIONS: Readonly<Record<string, (input: never) => unknown>> = {
  offer({ body, signature, owner, networks = [] }: SignedOffer & { owner: OfferOwner; networks?: Network[] }) {
    const { offer, hash } = readOffer({ body, signature }, owner, { networks });
    return { offer, hash, digest: toHex(offerDigest(hash, offer)) };
  },
  price: ({ price, results, textBytes }: Charged) => ({ price: String(priceOf(price, results, textBytes)) }),
  charge: (input: Charged) => ({ charge: String(chargeOf(input, input)) }),
  quote: (input: Charged) => ({ quote: String(quoteOf(input, input.topK)) }),

  network: ({ did }: { did: string }) => ({ network: networkOf(did) }),
  channel: (input: { terms: ChannelTerms; network: Network }) => ({ channelId: channelId(input.terms, input.network) }),
  'open-channel'({ open, network }: { open: OpenChannel; network: Network }) {
    const payer = recoverOpenChannel(open, network);
    if (payer !== open.terms.payer) throw new TributaryError('CHANNEL_TERMS', 'not signed by the payer');
    return { digest: toHex(openChannelDigest(channelId(open.terms, network), open.deposit, network)), payer };
  },
  'about-channel'({ method, about, network, payer }: AboutInput) {
    const digest = toHex(aboutChannelDigest(method, about, network));
    return signedBy(recoverAboutChannel(method, about, network), payer, 'CHANNEL_UNKNOWN', { digest });
  },
  'channel-state': ({ told, ...asked }: { told: ToldChannel } & Parameters<typeof checkChannelState>[1]) => ({
    state: checkChannelState(told, asked),
    digest: toHex(channelStateDigest(told.state, asked.network)),
  }),
  ticket: ({ ticket }: { ticket: Ticket }) => ({ ctx: ticketHash(ticket) }),
  voucher(input: VoucherFields & { network: Network; signature: string; signer?: string }) {
    const digest = toHex(voucherDigest(input, input.network));
    return signedBy(recoverVoucher(input, input.signature, input.network), input.signer, 'VOUCHER_SIGNATURE', { digest });
  },
  receipt({ receipt, network, signer }: { receipt: Receipt; network: Network; signer?: string }) {
    return signedBy(recoverReceipt(receipt, network), signer, 'RECEIPT_SIGNATURE', { hash: receiptHash(receipt, network) });
  },

  request({ nonce, body }: { nonce: string; body: string }) {
    readRequest(body);
    return { hash: requestHash(fromBase64url(nonce), body) };
  },
  response({ body }: { body: string }) {
    readAnswer(body);
    return { hash: responseHash(body) };
  },
  terms: ({ text }: { text: string }) => ({ terms: terms(text), queryTerms: [...queryTerms(text)] }),
  dense({ metric, query, vector }: { metric: Metric; query: string; vector: string }) {
    const dense = denseScore(metric, vectorFromBase64url(query), vectorFromBase64url(vector));
    return { dense, closeness: closeness(metric, dense) };
  },
  bm25(input: { statistics: Statistics; query: string; text: string }) {
    const query = bm25Query(input.statistics, queryTerms(input.query));
    const list = terms(input.text);
    return { bm25: bm25(query, termCounts(list), list.length), bound: query.bound };
  },
  sparse({ query, record }: { query: string; record: string | null }) {
    const { sparse, shared } = measureSparse(sparseFromBase64url(query), record === null ? null : sparseFromBase64url(record));
    return { sparse, shared };
  },
  score: ({ mode, metric, denseWeight, dense, bm25: keywords, bound, sparse = null }: Scored) =>
    scoreOf({ mode, metric, denseWeight, dense, bm25: keywords, bound, sparse }),
  order: ({ mode, metric, results }: Scored) => ({
    slots: results.toSorted(compareResults(mode, metric)).map(({ slot }) => slot),
  }),
  filter: ({ filter, metadata }: { filter: unknown; metadata: Metadata }) => ({ matches: compileFilter(filter)(metadata) }),

  writers: ({ owner, body, signature }: SignedStatement & { owner: string }) => readWriters({ body, signature }, owner),
  delegation({ list, writer, sequence, namespace }: { list: string; writer: string; sequence: number; namespace: string }) {
    const delegations = delegationsOf(JSON.parse(list) as WritersStatement, writer, sequence);
    checkScope(delegations, namespace);
    return { delegations };
  },

  'embedding-price': ({ price, texts }: { price: EmbeddingPrice; texts: string[] }) => ({
    price: String(embeddingPriceOf(price, texts.length, textBytesOf(texts))),
  }),
  'embed-request'({ nonce, body }: { nonce: string; body: string }) {
    readEmbedRequest(body);
    return { hash: requestHash(fromBase64url(nonce), body) };
  },
  embeddings({ body }: { body: string }) {
    readEmbeddings(body);
    return { hash: responseHash(body) };
  },
  'embedding-bundle'({ file, trust }: { file: string; trust?: Trust }) {
    const { failed, ...report } = verifyEmbeddingBundle(file, trust === undefined ? {} : { trust });
    if (failed !== null) throw new ProofError(failed.code, failed.message);
    return report;
  },

  bundle: ({ file, trust }: { file: string; trust?: Trust }) => verify(file, trust),
  'edited-bundle': ({ find, replace }: { find: string; replace: string }) => verify(paidFile().replace(find, () => replace)),
};
