import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { openClient } from '@tributary/client';
import { createVerifierCaches, serializeBundle, verifyAnswer, verifyBundle } from '@tributary/proof';
import { utf8 } from '@tributary/proof/primitives';
import { parsePolicy, startProvider } from '@tributary/relay';
import { silentLog } from '@tributary/relay/testing';
import { writeOperationsMax, type Bundle } from '@tributary/schemas';
import type { Index } from '@tributary/store';
import { createEngine } from '@tributary/store/testing';
import { median, valueRow } from './harness.ts';
import { untilLinked } from './indexes/linked.ts';
import { shippedModel } from './model.ts';
import { denseQuestion } from './indexes/question.ts';
import { makeData, type Data } from './relay/data.ts';
import type { Bench, BenchContext, Row } from './types.ts';

interface Sizes {
  readonly vectors: number;
  readonly clusters: number;
  /** Different answers that are verified in turn. */
  readonly answers: number;
  readonly rounds: number;
}

const DIMENSION = 384;
const K = 10;
const CREDIT = 1_000_000n;

/**
 * The cost of a proof: making it, its size, and checking it, for top-10 answers that were really paid for. Warm: a
 * client that has seen the provider's identity, offer, manifest and writes before. Cold: a third party with only the
 * file.
 */
export const verifyBench: Bench<Sizes> = {
  name: 'verify',
  summary: 'time to make and to verify a proof of ten results, and its size',
  full: { vectors: 20_000, clusters: 200, answers: 200, rounds: 7 },
  smoke: { vectors: 40, clusters: 4, answers: 4, rounds: 1 },
  async run(sizes, context) {
    const data = makeData({ ...sizes, dimension: DIMENSION, queries: sizes.answers });
    const { bundles, answerMs } = await collect(sizes, data, context);
    const rows = [
      ...verifyRows(bundles, sizes.rounds),
      ...sizeRows(bundles),
      valueRow('proof build: answer() minus search', 'ms', answerMs - searchMs(data)),
      valueRow('answer() of the store, worker included', 'ms', answerMs),
    ];
    const { vectors, answers, rounds } = sizes;
    return {
      rows,
      notes: [
        `${vectors} records of ${DIMENSION} components, texts of about 600 bytes; ${answers} paid answers, ${rounds} rounds`,
      ],
    };
  },
};

/** Buys answers from a provider in this process. Also measures the store's time for one. */
async function collect(
  { rounds }: Sizes,
  { vectors, queries, textOf }: Data,
  { folder, progress }: BenchContext,
): Promise<{ bundles: Bundle[]; answerMs: number }> {
  const provider = await startProvider({
    dataDirectory: join(folder, 'provider'),
    listen: ['/ip4/127.0.0.1/tcp/0'],
    bootstrap: [],
    rendezvous: null,
    modelDirectory: shippedModel,
    policy: () => parsePolicy('{"price":"3"}', 'the policy of the benchmark'),
    log: silentLog,
  });
  const client = await openClient({ directory: join(folder, 'client'), bootstrap: [provider.addresses()[0]!] });
  try {
    progress(`writing ${vectors.length} records`);
    const index = await provider.openIndex('bench', {});
    for (let from = 0; from < vectors.length; from += writeOperationsMax) {
      const part = vectors.slice(from, from + writeOperationsMax);
      await index.upsert(part.map((vector, at) => ({ id: `r${from + at}`, text: textOf(from + at), vector })));
    }
    await provider.publish('bench');
    await provider.ledger.grant({ payer: client.wallet.address, amount: CREDIT, note: 'benchmark' });
    progress(`buying ${queries.length} answers`);
    const bundles: Bundle[] = [];
    for (const vector of queries) bundles.push((await client.query({ index: 'bench', vector, topK: K })).answers[0]!.bundle());
    await untilLinked(index);
    const times: number[] = [];
    for (let round = 0; round < rounds; round += 1) times.push(await answerTime(index, queries));
    return { bundles, answerMs: median(times) };
  } finally {
    await client.close();
    await provider.close();
  }
}

/** Milliseconds per answer, one after another. */
async function answerTime(index: Index, queries: readonly Float32Array[]): Promise<number> {
  const { id, modelDigest } = index.info();
  const started = performance.now();
  for (const query of queries) {
    const parsed = denseQuestion(id, query, { topK: K, model: modelDigest });
    await index.answer({ parsed }, { client: 'other', topKMax: K });
  }
  return (performance.now() - started) / queries.length;
}

/** Milliseconds of the same searches by the engine alone, in this process. */
function searchMs({ vectors, queries }: Data): number {
  const engine = createEngine({ dimension: DIMENSION, metric: 'cosine' });
  vectors.forEach((vector, slot) =>
    engine.put({ slot, namespace: '', vector, sparse: null, searchText: '', metadata: {}, sell: 'full' }),
  );
  engine.insertSlice(Number.MAX_SAFE_INTEGER);
  const plain = {
    mode: 'dense',
    sparse: null,
    terms: null,
    denseWeight: null,
    namespace: '',
    topK: K,
    filter: null,
    filterNode: null,
    minRelevance: 0,
    excludeUnsold: true,
  } as const;
  const each = (): number => {
    const started = performance.now();
    for (const vector of queries) engine.search({ ...plain, vector });
    return (performance.now() - started) / queries.length;
  };
  return median([each(), each(), each()]);
}

function verifyRows(bundles: readonly Bundle[], rounds: number): Row[] {
  const caches = createVerifierCaches();
  const wire = bundles.map((bundle) => ({ ...bundle, response: utf8(bundle.response) }));
  const files = bundles.map((bundle) => serializeBundle(bundle));
  const warm = (): number[] =>
    wire.map((parts) => {
      const started = performance.now();
      verifyAnswer(parts, { caches });
      return performance.now() - started;
    });
  const cold = (): number[] =>
    files.map((file) => {
      const started = performance.now();
      const { ok, failed } = verifyBundle(file);
      if (!ok) throw new Error(`a bundle that was just bought is refused: ${failed?.message}`);
      return performance.now() - started;
    });
  // The first round fills the caches and gets the code compiled.
  warm();
  cold();
  const warmTimes = Array.from({ length: rounds }, warm).flat();
  const coldTimes = Array.from({ length: rounds }, cold).flat();
  return [
    valueRow('verify an answer, warm', 'ms', median(warmTimes), { atMost: 2 }),
    valueRow('verify a bundle file, cold', 'ms', median(coldTimes)),
  ];
}

function sizeRows(bundles: readonly Bundle[]): Row[] {
  const files = bundles.map((bundle) => Buffer.from(serializeBundle(bundle)));
  return [
    valueRow('bundle file', 'bytes', median(files.map(({ length }) => length))),
    valueRow('bundle file, gzip', 'bytes', median(files.map((file) => gzipSync(file).length))),
  ];
}
