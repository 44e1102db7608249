// A store in a temporary folder, a toy embedder, and a client that verifies the store's answers with the real verifier.
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readWholeAnswer, verifyAnswer, type VerifiedAnswer } from '@tributary/proof';
import { networkOf, signOffer, signReceipt } from '@tributary/proof/payment';
import { ed25519PublicKey, fromBase64url, secp256k1PublicKey, toBase64url, vectorToBase64url } from '@tributary/proof/primitives';
import { terms } from '@tributary/proof/ranking';
import {
  addressFromPublicKey,
  didFromPublicKey,
  modelDigest,
  requestHash,
  responseHash,
  signIdentity,
} from '@tributary/proof/statements';
import {
  toSparse,
  type Manifest,
  type Offer,
  type ProviderIdentity,
  type RecordInput,
  type Request,
  type SparseVector,
  type WholeAnswer,
} from '@tributary/schemas';
import { onTestFinished } from 'vitest';
import type { Embedder } from '../src/embedding.ts';
import type { AnswerOutcome, Index, IndexSettings } from '../src/types.ts';

export const OWNER = { seed: seedOf('owner') };
const receiptKey = seedOf('receipt signer');

export function seedOf(name: string): Uint8Array {
  return new Uint8Array(createHash('sha256').update(name).digest());
}

/** A folder that is removed when the test ends. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-store-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export const DIMENSION = 16;

/** A direction that depends only on the name. */
export function vectorOf(name: string): Float32Array<ArrayBuffer> {
  const digest = createHash('sha256').update(name).digest();
  return Float32Array.from({ length: DIMENSION }, (_, at) => digest.readInt16LE(2 * at) / 32_768);
}

/** Pairs that depend only on the name; all of them share some of 20 indices. */
export function sparseOf(name: string): SparseVector {
  const digest = createHash('sha256').update(`sparse ${name}`).digest();
  const pairs = new Map([...digest.subarray(0, 6)].map((byte, at) => [byte % 20, digest.readInt16LE(2 * at + 6) / 8_192]));
  return toSparse({ indices: [...pairs.keys()], values: [...pairs.values()] })!;
}

export function recordOf(id: string, more: Partial<RecordInput> = {}): RecordInput {
  return {
    id,
    text: `Record ${id} tells of rivers and of the number ${id}.`,
    vector: vectorOf(id),
    metadata: { name: id },
    ...more,
  };
}

export const records = (count: number, prefix = 'r'): RecordInput[] =>
  Array.from({ length: count }, (_, at) => recordOf(`${prefix}${at}`, { metadata: { name: `${prefix}${at}`, number: at } }));

/** Vectors from the words of a text: deterministic, and close for texts with common words. */
export function toyEmbedder(): Embedder & { texts: string[] } {
  const card = { id: 'toy', dimension: DIMENSION };
  const texts: string[] = [];
  const vector = (text: string): Float32Array<ArrayBuffer> => {
    const sum = vectorOf('');
    for (const word of terms(text)) vectorOf(word).forEach((value, at) => (sum[at]! += value));
    return sum;
  };
  return {
    texts,
    card,
    digest: modelDigest(card),
    dimension: DIMENSION,
    maxTokens: 40,
    device: { device: 'cpu', weights: 'fp32', why: 'test' },
    async embed(list, kind) {
      if (kind === 'document') texts.push(...list);
      return list.map(vector);
    },
    embedCounted: async (list) => ({ vectors: list.map(vector), tokens: 0 }),
    countTokens: (text) => 2 + (text.match(/\S+/g)?.length ?? 0),
    close: async () => undefined,
  };
}

export function requestOf(index: string, more: Partial<Request> = {}): Request {
  return {
    v: 1,
    type: 'tributary/query',
    index,
    namespace: '',
    topK: 5,
    mode: 'hybrid',
    denseWeight: (more.mode ?? 'hybrid') === 'hybrid' ? 0.5 : null,
    text: 'rivers and the number r3',
    vector: vectorToBase64url(vectorOf('r3')),
    model: null,
    filter: null,
    minRelevance: 0,
    minSequence: null,
    ...more,
  };
}

export const everything = { client: 'other', topKMax: 1_000 } as const;

/** An answer with its records. */
export const wholeOf = ({ body, records }: Pick<AnswerOutcome, 'body' | 'records'>): WholeAnswer =>
  readWholeAnswer({ response: body, records });

export const idsIn = (outcome: AnswerOutcome): string[] => wholeOf(outcome).results.map(({ shown }) => shown.id.value);

/** Asks and lets the verifier check the answer with all its statements. */
export async function askVerified(
  index: Index,
  more: Partial<Request> = {},
): Promise<{ outcome: AnswerOutcome; verified: VerifiedAnswer }> {
  const request = requestOf(index.info().id, more);
  const outcome = await index.answer({ parsed: request }, everything);
  return { outcome, verified: await verifyOutcome(index, request, outcome) };
}

/**
 * Adds what a node adds to an answer (identity, a free offer, a receipt), and verifies everything.
 *
 * @throws ProofError
 */
export async function verifyOutcome(index: Index, request: Request, outcome: AnswerOutcome): Promise<VerifiedAnswer> {
  const { results } = wholeOf(outcome);
  const hashes = [...new Set(results.map(({ write }) => write))];
  const [proof, writes] = await Promise.all([index.snapshot(outcome.manifest), index.writes(hashes)]);
  return verifyAnswer({
    ...statementsOf(index.info(), request, outcome, (JSON.parse(proof.manifest) as Manifest).time),
    manifest: proof.manifest,
    log: proof.log,
    ...(proof.writers === undefined ? {} : { writers: proof.writers }),
    writes,
    witnesses: [],
  });
}

function statementsOf(settings: IndexSettings & { records: number }, request: Request, outcome: AnswerOutcome, servedAt: number) {
  const address = addressFromPublicKey(secp256k1PublicKey(receiptKey));
  const did = didFromPublicKey(ed25519PublicKey(OWNER.seed));
  const times = { issued: servedAt - 1_000, expiry: servedAt + 1_000 };
  const identity: ProviderIdentity = {
    v: 1,
    type: 'tributary/identity',
    did,
    peerId: 'peer',
    receiptSigner: address,
    payee: address,
    sequence: 1,
    ...times,
  };
  const { signed: signedIdentity, hash: identityHash } = signIdentity(identity, { owner: OWNER.seed, payee: receiptKey });
  const { hash: offerHash, ...offer } = signOffer(offerOf(settings, identityHash, times), receiptKey);
  const nonce = toBase64url(seedOf('nonce'));
  const body = JSON.stringify(request);
  const zero = '0'.repeat(64);
  const receipt = {
    channel: zero,
    ticket: toBase64url(seedOf('ticket').subarray(0, 16)),
    sequence: 0,
    requestHash: requestHash(fromBase64url(nonce), body),
    responseHash: responseHash(outcome.body),
    offerHash,
    manifestHash: outcome.manifest,
    snapshot: outcome.snapshot,
    status: outcome.status,
    charge: '0',
    chargedTotal: '0',
    servedAt,
    previous: zero,
  };
  return {
    request: { nonce, body },
    response: outcome.body,
    records: outcome.records,
    receipt: signReceipt(receipt, networkOf(did), receiptKey),
    payment: null,
    offer,
    identity: signedIdentity,
  };
}

function offerOf(
  settings: IndexSettings & { records: number },
  identity: string,
  times: { issued: number; expiry: number },
): Offer {
  const { title, description, licence, records: count, modelDigest: model, dimension, metric, vectors } = settings;
  return {
    v: 1,
    type: 'tributary/offer',
    identity,
    index: settings.id,
    visibility: settings.visibility,
    card: {
      title,
      description,
      licence,
      records: count,
      model,
      modelId: settings.model.id,
      languages: [...(settings.model.languages ?? [])],
      dimension,
      metric,
      ...(vectors === 'dense' ? {} : { vectors }),
    },
    price: { base: '0', perResult: '0', perKiB: '0', empty: '0' },
    unit: 'credit',
    network: networkOf(settings.provider),
    limits: { topK: 1_000, queriesPerMinute: 0, exposurePerChannel: null, exposurePerEpoch: null, epochMs: 1 },
    credit: '0',
    maxInFlight: 1,
    maxCharge: '0',
    answerKeepMs: 1,
    deadlineMaxMs: 1,
    hiding: 'none',
    ...times,
  };
}
