import { fromBase64url, vectorFromBase64url } from '@tributary/proof/primitives';
import { readRequest, requestHash } from '@tributary/proof/statements';
import type { Offer } from '@tributary/schemas';
import { describe, expect, it } from 'vitest';
import type { KnownOffer } from '../discovery/types.ts';
import { knownOffers, START, testProvider } from '../testing/announcements.ts';
import { queryTimeoutMsDefault, topKDefault } from './limits.ts';
import { quote } from './quote.ts';
import type { QueryContext } from './types.ts';

const rivers = testProvider(1);
const offered = (changes: Partial<Offer> = {}): KnownOffer =>
  knownOffers(rivers.announce({ offers: [{ index: rivers.index('a'), ...changes }] }))[0]!;
const limits = (topK: number) => ({ limits: { ...offered().offer.limits, topK } });
/** The parts of a client that a quote needs. A part that is not given fails when it is used. */
const contextOf = (parts: Partial<QueryContext> = {}) =>
  ({
    embed: null,
    owner: null,
    verifier: { headSize: () => 7 },
    now: () => START,
    randomBytes: (length: number) => new Uint8Array(length).fill(4),
    ...parts,
  }) as QueryContext;

describe('a quote', () => {
  it('fixes the bytes that are paid for', async () => {
    const prepared = await quote(offered(), { text: 'floods' }, contextOf());
    expect(readRequest(prepared.bodyText)).toEqual(prepared.request);
    expect(Buffer.from(prepared.body).toString()).toBe(prepared.bodyText);
    expect(prepared.requestHash).toBe(requestHash(fromBase64url(prepared.nonce), prepared.body));
    expect([prepared.request.index, prepared.headSize]).toEqual([rivers.index('a'), 7]);
  });

  it('allows the time that both sides allow', async () => {
    const deadline = async (deadlineMaxMs: number) =>
      (await quote(offered({ deadlineMaxMs }), { text: 'x' }, contextOf())).deadline;
    expect(await deadline(1_000)).toBe(START + 1_000);
    expect(await deadline(10_000_000)).toBe(START + queryTimeoutMsDefault);
  });

  it('asks for the default or the given number of results, and no more than the offer allows', async () => {
    const topK = async (most: number, wanted?: number) =>
      (await quote(offered(limits(most)), { text: 'x', ...(wanted === undefined ? {} : { topK: wanted }) }, contextOf())).request
        .topK;
    expect([await topK(20), await topK(3), await topK(20, 15)]).toEqual([topKDefault, 3, 15]);
    await expect(topK(20, 21)).rejects.toMatchObject({ code: 'TOPK_CAP', message: expect.stringContaining('at most 20') });
    await expect(topK(20, 0)).rejects.toMatchObject({ code: 'INPUT_SHAPE' });
  });

  it('refuses what is too long to be sent, before money is promised for it', async () => {
    const filter = (bytes: number) => ({ a: { $in: Array.from({ length: bytes / 64 }, (_, at) => String(at).padEnd(61, 'x')) } });
    expect((await quote(offered(), { text: 'x', filter: filter(250_000) }, contextOf())).body.length).toBeGreaterThan(249_000);
    await expect(quote(offered(), { text: 'x', filter: filter(270_000) }, contextOf())).rejects.toMatchObject({
      code: 'INPUT_TOO_LARGE',
    });
  });

  it('is what the answer can cost at most, held to what the caller allows; the owner pays nothing', async () => {
    const known = offered({ price: { base: '10', perResult: '2', perKiB: '0', empty: '0' } });
    const cost = async (maxCharge?: bigint, context = contextOf()) =>
      (await quote(known, { text: 'x', topK: 5, ...(maxCharge === undefined ? {} : { maxCharge }) }, context)).quote;
    expect([await cost(), await cost(20n)]).toEqual([20n, 20n]);
    await expect(cost(19n)).rejects.toMatchObject({ code: 'SPEND_CAP' });
    expect(await cost(0n, contextOf({ owner: rivers.did }))).toBe(0n);
  });

  it('embeds a text if it has the model, and otherwise leaves that to the provider', async () => {
    const embed = async () => Float32Array.of(0.6, 0.8);
    const asked = async (question: Parameters<typeof quote>[1], context = contextOf({ embed })) =>
      (await quote(offered(), question, context)).request;
    const hybrid = await asked({ text: 'x' });
    expect([...vectorFromBase64url(hybrid.vector!)]).toEqual([...Float32Array.of(0.6, 0.8)]);
    expect(hybrid).toMatchObject({ mode: 'hybrid', model: offered().offer.card.model, minRelevance: 0 });
    expect(await asked({ text: 'x' }, contextOf())).toMatchObject({ mode: 'hybrid', vector: null, model: null });
    expect(await asked({ text: 'x', mode: 'bm25' })).toMatchObject({ mode: 'bm25', vector: null });
    expect(await asked({ vector: Float32Array.of(1, 0) })).toMatchObject({ mode: 'dense', text: null, minRelevance: 0 });
  });
});
