import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { ZERO_HASH } from '@tributary/proof/primitives';
import { answersAtOnceMax, asksPerPeerMax, freeAtOnceMax } from '../src/serve/limits.ts';
import { payerOf } from '../src/testing/ledger-fixture.ts';
import { codeOf, createPayingClient } from './support/paying-client.ts';
import { openTestIndex, openTestProvider, type TestIndex, type TestProvider } from './support/provider-fixture.ts';

describe('serve: shares', () => {
  let shared: TestIndex;
  let provider: TestProvider;
  beforeAll(async () => {
    shared = await openTestIndex();
  });
  beforeEach(async () => {
    provider = await openTestProvider(shared);
  });
  afterEach(async () => {
    provider.pause()(); // ends what a failed test left waiting
    await provider.close();
    expect(provider.faults).toEqual([]);
  });
  afterAll(() => shared.close());

  /** Free questions under an earlier offer that is still valid. */
  async function stranger(minSequence: number | null = null) {
    const offer = await provider.setPolicy({ price: '0' });
    await provider.setPolicy({});
    const who = createPayingClient({
      payer: payerOf('nobody'),
      channel: ZERO_HASH,
      offer,
      now: provider.clock.now,
      send: provider.serve.ask,
    });
    return (at: number) =>
      who.ask({ ...provider.question(at % 40, 1), minSequence }, { payment: null, context: { peer: 'stranger' } });
  }

  it('serves the owner first, then paid questions, while a stranger floods it with free ones', async () => {
    const flood = await stranger();
    const alice = await provider.payingClient();
    const resume = provider.pause();
    const free = Array.from({ length: 250 }, (_, at) => flood(at));
    const paid = Array.from({ length: 6 }, (_, at) => alice.ask(provider.question(at, 2)));
    const own = alice.ask(provider.question(1, 3), { payment: null, context: { isOwner: true, peer: 'me' } });
    await vi.waitFor(() => expect(provider.asked).toHaveLength(answersAtOnceMax), 10_000);
    // Places that free questions cannot take.
    expect(provider.asked.map(({ topK }) => topK)).toEqual([...Array<number>(freeAtOnceMax).fill(1), 3, 2, 2, 2]);
    resume();
    expect((await Promise.all([...paid, own, ...free])).map(codeOf)).toEqual(Array<string>(257).fill('answered'));
    expect(provider.asked.slice(answersAtOnceMax).map(({ topK }) => topK)).toEqual([2, 2, 2, ...Array<number>(238).fill(1)]);
  });

  it('gives one peer its share of the questions and no more', async () => {
    const flood = await stranger();
    const alice = await provider.payingClient();
    const resume = provider.pause();
    const free = Array.from({ length: asksPerPeerMax + 2 }, (_, at) => flood(at));
    const paid = alice.ask(provider.question(1));
    resume();
    const codes = (await Promise.all(free)).map(codeOf);
    expect(codes.filter((code) => code === 'OVERLOADED')).toHaveLength(2);
    expect(codeOf(await paid)).toBe('answered');
  });

  it('holds no place for a question that waits for a write to come', async () => {
    const flood = await stranger();
    const alice = await provider.payingClient();
    const resume = provider.pause();
    const ahead = Array.from({ length: 2 * answersAtOnceMax }, (_, at) =>
      alice.ask({ ...provider.question(at), minSequence: 1_000_000 }),
    );
    const free = flood(1);
    const paid = alice.ask(provider.question(2));
    await vi.waitFor(() => expect(provider.asked).toHaveLength(2), 10_000);
    resume();
    expect([codeOf(await free), codeOf(await paid)]).toEqual(['answered', 'answered']);
    expect(new Set((await Promise.all(ahead)).map(codeOf))).toEqual(new Set(['SNAPSHOT_BEHIND']));
  });

  // Last, because it writes to the index that all tests share.
  it('gives a question that waited for a write its place in the line, not the index at once', async () => {
    const flood = await stranger(shared.index.info().sequence + 1);
    const resume = provider.pause();
    const free = Array.from({ length: 50 }, (_, at) => flood(at));
    await vi.waitFor(() => expect(provider.waits()).toBe(50), 10_000);
    await shared.index.update({ id: 'r1', namespace: '', setMetadata: { again: true } });
    await vi.waitFor(() => expect(provider.asked).toHaveLength(freeAtOnceMax), 10_000);
    await sleep(50);
    expect(provider.asked).toHaveLength(freeAtOnceMax);
    resume();
    expect((await Promise.all(free)).map(codeOf)).toEqual(Array<string>(50).fill('answered'));
  });

  it('forgets a question that nobody waits for any more, or whose deadline passed, before it is searched', async () => {
    const alice = await provider.payingClient();
    const resume = provider.pause();
    const busy = Array.from({ length: answersAtOnceMax }, (_, at) => alice.ask(provider.question(at, 1)));
    const stop = new AbortController();
    const given = alice.ask(provider.question(1), { context: { signal: stop.signal } });
    const late = alice.ask(provider.question(2), { deadline: provider.clock.now() + 1 });
    stop.abort();
    await vi.waitFor(() => expect(provider.asked).toHaveLength(answersAtOnceMax), 10_000);
    provider.clock.advance(2);
    resume();
    expect([codeOf(await given), codeOf(await late)]).toEqual(['ABORTED', 'DEADLINE']);
    expect((await Promise.all(busy)).map(codeOf)).toEqual(Array<string>(answersAtOnceMax).fill('answered'));
    expect(provider.searches()).toBe(answersAtOnceMax);
  });
});
