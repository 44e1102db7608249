// A provider with a real index and a real ledger, below the network.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readWholeAnswer } from '@tributary/proof';
import type { Offer, Request, WholeAnswer } from '@tributary/schemas';
import { openStore, type Index } from '@tributary/store';
import { ZERO_HASH } from '@tributary/proof/primitives';
import { ledgerFiles } from '../../src/ledger/disk-files.ts';
import type { LedgerDisk } from '../../src/ledger/disk.ts';
import type { Ledger } from '../../src/payments/ledger.ts';
import { openLedger } from '../../src/payments/open-ledger.ts';
import { createOffers } from '../../src/offers/offers.ts';
import type { OwnOffer } from '../../src/offers/shelf.ts';
import { parsePolicy, type Policy } from '../../src/policy/policy.ts';
import { createServe, type Serve } from '../../src/serve/serve.ts';
import type { AnswerSource, AskOutcome, ServeEvent } from '../../src/serve/types.ts';
import {
  channelOf,
  handClock,
  ledgerOptions,
  opening,
  OWNER_SEED,
  PAYEE,
  type Payer,
  payerOf,
  RECEIPT_KEY,
} from '../../src/testing/ledger-fixture.ts';
import { createPayingClient, vectorQuestion, type PayingClient } from './paying-client.ts';

const POLICY = { price: { base: '10', perResult: '5', perKiB: '3' }, topK: 10, maxInFlight: 64 };
const RECORDS = 40;

/** A vector close to one of eight axes. */
export const leaning = (at: number): Float32Array<ArrayBuffer> =>
  Float32Array.from({ length: 8 }, (_, axis) => (axis === at % 8 ? 1 : 0.1 + at / 100));

/** The index that the tests of one file share; `r7` is not sold. */
export interface TestIndex {
  readonly index: Index;
  readonly clock: ReturnType<typeof handClock>;
  close(): Promise<void>;
}

export async function openTestIndex(): Promise<TestIndex> {
  const clock = handClock(Date.now());
  const directory = await mkdtemp(join(tmpdir(), 'tributary-index-'));
  const store = await openStore({ directory, owner: { seed: OWNER_SEED }, now: clock.now });
  const index = await store.createIndex({
    name: 'docs',
    dimension: 8,
    metric: 'cosine',
    model: null,
    visibility: 'listed',
    title: 'Docs',
  });
  await index.upsert(
    Array.from({ length: RECORDS }, (_, at) => ({
      id: `r${at}`,
      namespace: '',
      vector: leaning(at),
      text: `passage ${at} ${'x'.repeat(at * 20)}`,
      sell: at === 7 ? ('never' as const) : ('full' as const),
    })),
  );
  return {
    index,
    clock,
    async close() {
      await store.close();
      await rm(directory, { recursive: true });
    },
  };
}

export interface TestProvider {
  readonly index: Index;
  readonly clock: TestIndex['clock'];
  readonly ledger: Ledger;
  readonly serve: Serve;
  /** The offer made last. */
  readonly offer: OwnOffer<Offer>;
  readonly events: ServeEvent[];
  readonly faults: unknown[];
  setPolicy(change: object): Promise<OwnOffer<Offer>>;
  /** Number of searches of the index. */
  searches(): number;
  /** What was searched, in order. */
  readonly asked: Request[];
  /** Delays searches until the returned function is called. */
  /** Questions that waited for a write. */
  waits(): number;
  pause(): () => void;
  /** From now on the provider has no such index. */
  deleteIndex(): void;
  /** A payer with an open channel that holds all of its credit, under the current offer. */
  /** @param signer who signs the vouchers; the payer when left out */
  payingClient(name?: string, deposit?: bigint, signer?: string): Promise<PayingClient & { payer: Payer }>;
  question(at: number, topK?: number): Request;
  close(): Promise<void>;
}

/** @param wrap puts a faulty disk below the ledger */
export async function openTestProvider(
  { index, clock }: TestIndex,
  wrap = (disk: LedgerDisk): LedgerDisk => disk,
): Promise<TestProvider> {
  const directory = await mkdtemp(join(tmpdir(), 'tributary-provider-'));
  const disk = wrap(ledgerFiles(directory));
  const ledger = await openLedger({ ...ledgerOptions, disk, now: clock.now });
  const receipt = { privateKey: RECEIPT_KEY, address: PAYEE };
  const offers = await createOffers({ ledger, receipt, unit: 'credit', now: clock.now });
  const [events, faults]: [ServeEvent[], unknown[]] = [[], []];
  let policy: Policy;
  let offer: OwnOffer<Offer>;
  const setPolicy = async (change: object): Promise<OwnOffer<Offer>> => {
    policy = parsePolicy(JSON.stringify({ ...POLICY, ...change }), 'test');
    offer = await offers.update({ identity: ZERO_HASH, index: index.info(), policy });
    return offer;
  };
  await setPolicy({});
  let deleted = false;
  const { source, asked, waits, pause } = watched(index);
  const serve = createServe({
    indexes: { find: (id) => (id === index.info().id && !deleted ? { index: source, policy, offers: offers.of(id) } : null) },
    ledger,
    receipt,
    unit: 'credit',
    now: clock.now,
    observe: (event) => events.push(event),
    fault: (error) => faults.push(error),
  });
  return {
    index,
    clock,
    ledger,
    serve,
    get offer() {
      return offer;
    },
    events,
    faults,
    setPolicy,
    searches: () => asked.length,
    asked,
    waits,
    pause,
    deleteIndex() {
      deleted = true;
    },
    async payingClient(name = 'alice', deposit = 10_000n, signer = name) {
      const payer = payerOf(name);
      await ledger.grant({ payer: payer.address, amount: deposit, note: name });
      const voucherSigner = payerOf(signer);
      const terms = signer === name ? {} : { voucherSigner: voucherSigner.address, saltOf: signer };
      const open = opening(payer, deposit, terms);
      await serve.channels.open(open);
      return {
        ...createPayingClient({ payer: voucherSigner, channel: channelOf(open), offer, now: clock.now, send: serve.ask }),
        payer,
      };
    },
    question: (at, topK = 3) => vectorQuestion(index.info().id, leaning(at), { topK }),
    async close() {
      await serve.drain();
      await ledger.close();
      await rm(directory, { recursive: true });
    },
  };
}

/** The index, with a record of its questions and a way to delay it. */
function watched(index: Index): { source: AnswerSource; asked: Request[]; waits(): number; pause(): () => void } {
  const asked: Request[] = [];
  const resumes: (() => void)[] = [];
  let open: Promise<void> = Promise.resolve();
  let waits = 0;
  return {
    asked,
    waits: () => waits,
    source: {
      info: () => index.info(),
      async answer(request, options) {
        asked.push(request.parsed);
        await open;
        return index.answer(request, options);
      },
      reached(sequence) {
        waits += 1;
        return index.reached(sequence);
      },
      rebuild: (journal) => index.rebuild(journal),
    },
    pause() {
      open = new Promise((resolve) => resumes.push(resolve));
      return () => resumes.splice(0).forEach((resume) => resume());
    },
  };
}

/** An answer with its records. */
export const wholeOf = ({ body, records }: Pick<Extract<AskOutcome, { receipt: unknown }>, 'body' | 'records'>): WholeAnswer =>
  readWholeAnswer({ response: body, records });

export function answered(outcome: AskOutcome): Extract<AskOutcome, { receipt: unknown }> {
  if ('refusal' in outcome) throw new Error(`${outcome.refusal.code}: ${outcome.refusal.message}`);
  return outcome;
}

/** Every balance and channel as text. */
export const money = ({ ledger }: TestProvider): string =>
  JSON.stringify([ledger.risk(), ledger.channels()], (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : value));
