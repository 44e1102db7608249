// What every run needs and no seed changes: keys, identities, and answers of a real index. The real parts make it once
// per process.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { peerIdOfSeed } from '@tributary/client';
import { readWholeAnswer } from '@tributary/proof';
import { secp256k1PublicKey, vectorToBase64url } from '@tributary/proof/primitives';
import { addressFromPublicKey } from '@tributary/proof/statements';
import { openKeys } from '@tributary/relay/local';
import type { NodeKeys } from '@tributary/relay/testing';
import { openIdentity } from '@tributary/relay/testing';
import type { MethodResult, Request } from '@tributary/schemas';
import { openStore, type AnswerOutcome, type Index, type IndexInfo } from '@tributary/store';
import { createRandom, type Random } from './random.ts';
import { startMs } from './virtual/globals.ts';

/** One provider's keys and index, at each stage of the index. */
export interface ProviderFixtures {
  readonly keys: NodeKeys;
  readonly peerId: string;
  readonly identity: ReturnType<Awaited<ReturnType<typeof openIdentity>>['current']>;
  readonly stages: readonly Stage[];
}

/** An index after one more write. */
export interface Stage {
  readonly info: IndexInfo;
  /** Answers by question. */
  readonly answers: ReadonlyMap<string, AnswerOutcome>;
  /** Answers of earlier stages, built again, by the snapshot and question of the earlier answer. */
  readonly rebuilt: ReadonlyMap<string, AnswerOutcome>;
  readonly snapshots: ReadonlyMap<string, MethodResult<'snapshot'>>;
  readonly consistency: ReadonlyMap<string, MethodResult<'consistency'>['hashes']>;
  readonly writes: ReadonlyMap<string, MethodResult<'writes'>['writes'][number]>;
}

export interface Fixtures {
  readonly providers: readonly ProviderFixtures[];
  readonly clients: readonly { readonly voucherKey: Uint8Array; readonly payer: string; readonly peerId: string }[];
}

export interface AskedQuestion {
  readonly vector: Float32Array<ArrayBuffer>;
  readonly topK: number;
  readonly minRelevance: number;
}

const providersMax = 3;
const clientsMax = 3;
const RECORDS = 8;

const axis = (at: number): Float32Array<ArrayBuffer> =>
  Float32Array.from({ length: 8 }, (_, column) => (column === at % 8 ? 1 : 0.1 + at / 100));

/** What clients ask: three with results, the last without any. */
export const questions: readonly AskedQuestion[] = [
  { vector: axis(0), topK: 2, minRelevance: 0 },
  { vector: axis(1), topK: 1, minRelevance: 0 },
  { vector: axis(2), topK: 4, minRelevance: 0 },
  { vector: axis(3).map((value, at) => value + at), topK: 2, minRelevance: 1 },
];

export async function prepareFixtures(): Promise<Fixtures> {
  const directory = await mkdtemp(join(tmpdir(), 'tributary-simulation-'));
  try {
    const providers = await Promise.all(
      Array.from({ length: providersMax }, (_, at) => prepareProvider(join(directory, `p${at}`), createRandom(`provider ${at}`))),
    );
    const clients = await Promise.all(
      Array.from({ length: clientsMax }, async (_, at) => {
        const random = createRandom(`buyer ${at}`);
        const voucherKey = random.bytes(32);
        const payer = addressFromPublicKey(secp256k1PublicKey(voucherKey));
        return { voucherKey, payer, peerId: await peerIdOfSeed(random.bytes(32)) };
      }),
    );
    return { providers, clients };
  } finally {
    await rm(directory, { recursive: true });
  }
}

async function prepareProvider(directory: string, random: Random): Promise<ProviderFixtures> {
  let now = startMs - 3_600_000;
  const keys = await openKeys(directory, random.bytes);
  const peerId = await peerIdOfSeed(keys.peer.seed);
  const path = join(directory, 'identity.json');
  const identity = (await openIdentity({ path, keys, peerId, now: () => now, anew: false, readOnly: false })).current();
  const store = await openStore({
    directory: join(directory, 'store'),
    owner: { seed: keys.owner.seed },
    now: () => (now += 1),
    randomBytes: random.bytes,
  });
  const facts = { name: 'docs', dimension: 8, metric: 'cosine', model: null, visibility: 'listed', title: 'Docs' } as const;
  const index = await store.createIndex(facts);
  const stages: Stage[] = [];
  for (const change of changes) {
    await change(index);
    stages.push(await stageOf(index, stages));
  }
  await store.close();
  return { keys, peerId, identity, stages };
}

const record = (at: number, text: string) => ({ id: `r${at}`, namespace: '', vector: axis(at), text });

/** The stages of the index: records, one more record, and the deletion of one that earlier answers showed. */
const changes: readonly ((index: Index) => Promise<unknown>)[] = [
  (index) => index.upsert(Array.from({ length: RECORDS }, (_, at) => record(at, `passage ${at} ${'x'.repeat(at * 150)}`))),
  (index) => index.upsert([record(RECORDS, 'a passage that came later')]),
  (index) => index.delete({ ids: ['r0'] }),
];

async function stageOf(index: Index, before: readonly Stage[]): Promise<Stage> {
  const info = index.info();
  const answers = new Map<string, AnswerOutcome>();
  const rebuilt = new Map<string, AnswerOutcome>();
  const snapshots = new Map<string, MethodResult<'snapshot'>>();
  const consistency = new Map<string, MethodResult<'consistency'>['hashes']>();
  for (const question of questions) {
    const parsed = requestOf(info.id, question);
    const answer = await index.answer({ parsed }, { client: 'other', topKMax: 100 });
    answers.set(questionKey(parsed), answer);
    const journals = [...before.map(({ answers: earlier }) => earlier.get(questionKey(parsed))!), answer];
    for (const journal of journals) {
      const request = new TextEncoder().encode(JSON.stringify(parsed));
      rebuilt.set(rebuiltKey(journal.snapshot, parsed), await index.rebuild({ ...journal, request }));
    }
    for (const { manifest } of journals) if (!snapshots.has(manifest)) snapshots.set(manifest, await index.snapshot(manifest));
  }
  const size = info.snapshot + 1;
  for (let second = 1; second <= size; second += 1)
    for (let first = 1; first <= second; first += 1)
      consistency.set(`${first} ${second}`, await index.consistency(first, second));
  return { info, answers, rebuilt, snapshots, consistency, writes: await writesOf(index, answers) };
}

async function writesOf(index: Index, answers: ReadonlyMap<string, AnswerOutcome>): Promise<Stage['writes']> {
  const hashes = new Set<string>();
  for (const { body, records } of answers.values()) {
    const { results } = readWholeAnswer({ response: body, records });
    for (const { write } of results) hashes.add(write);
  }
  const names = [...hashes];
  const statements = await index.writes(names);
  return new Map(names.map((hash, at) => [hash, statements[at]!]));
}

function requestOf(index: string, { vector, topK, minRelevance }: AskedQuestion): Request {
  const rest = { text: null, model: null, filter: null, minSequence: null, denseWeight: null };
  const fields = { namespace: '', topK, mode: 'dense', vector: vectorToBase64url(vector), minRelevance } as const;
  return { v: 1, type: 'tributary/query', index, ...fields, ...rest };
}

export const questionKey = ({ vector, topK, minRelevance }: Request): string => `${vector} ${topK} ${minRelevance}`;
export const rebuiltKey = (snapshot: number, request: Request): string => `${snapshot} ${questionKey(request)}`;
