// Forks and rollbacks of a log are noticed over libp2p: the verifier of a client holds every answer to the head that
// the log showed before, also when the answers come at the same time.
import { createVerifier, memoryHeads } from '@tributary/client/testing';
import { consistencyPath, hashLeaf, toBase64url, utf8 } from '@tributary/proof/primitives';
import { readRequest } from '@tributary/proof/statements';
import type { MethodParams, Offer, Request } from '@tributary/schemas';
import { expect, test } from 'vitest';
import { makeTestBundle, requestOf, SERVED_AT } from '../packages/proof/test/_bundle.ts';
import { buildIndex, type TestIndex } from '../packages/proof/test/_index.ts';
import { recordsOf } from '../packages/proof/test/_whole.ts';
import { indexOf, sourceOf } from './_rivers.ts';

/** Two versions of the same two entries of one log: contradicting forks, each with valid signatures. */
const one = indexOf([{ text: 'The spring flood begins in April.', source: sourceOf({}) }]);
const other = indexOf([{ text: 'The spring flood begins in June.', source: sourceOf({}) }]);
/** A longer log of the same owner that extends neither. */
const longer = buildIndex();

type Verifier = ReturnType<typeof createVerifier>;
const openVerifier = (): Verifier => createVerifier({ heads: memoryHeads(), now: () => SERVED_AT + 1_000 });

/** Verifies an answer from that index. The liar answers every method from that log. */
async function verify(verifier: Verifier, index: TestIndex): Promise<void> {
  const request = (): Request => ({ ...requestOf('bm25'), text: 'spring flood', filter: null, minSequence: null });
  const bundle = makeTestBundle({ index, free: true, request });
  const offer = JSON.parse(bundle.offer.body) as Offer;
  const liar = {
    async call(method: string, params: unknown) {
      await new Promise(setImmediate);
      if (method === 'snapshot') return { manifest: bundle.manifest, log: bundle.log };
      if (method === 'writes') return { writes: bundle.writes };
      const { first, second } = params as MethodParams<'consistency'>;
      const leaves = longer.bodies.map((body) => hashLeaf(utf8(body)));
      return { hashes: consistencyPath(leaves.slice(0, second), first).map(toBase64url) };
    },
  };
  const known = { offer, offerHash: bundle.receipt.offerHash, signedOffer: bundle.offer, signedIdentity: bundle.identity };
  const prepared = {
    known,
    nonce: bundle.request.nonce,
    bodyText: bundle.request.body,
    request: readRequest(bundle.request.body),
    quote: 0n,
    deadline: SERVED_AT + 10_000,
    headSize: verifier.headSize(offer.index),
  };
  const answered = { receipt: bundle.receipt, body: utf8(bundle.response), records: recordsOf(bundle), payment: null };
  type Given = Parameters<Verifier['verify']>;
  await verifier.verify(prepared as unknown as Given[0], answered, liar as unknown as Given[2]);
}

test('a fork is refused, and the log that was seen first is accepted again', async () => {
  const verifier = openVerifier();
  await verify(verifier, one);
  await expect(verify(verifier, other)).rejects.toMatchObject({ code: 'HEAD_FORK' });
  await verify(verifier, one);
});

test('a longer log must be proven to extend the known one, and a shorter one is refused', async () => {
  const verifier = openVerifier();
  await verify(verifier, one);
  await expect(verify(verifier, longer)).rejects.toMatchObject({ code: 'HEAD_CONSISTENCY' });
  const ahead = openVerifier();
  await verify(ahead, longer);
  await expect(verify(ahead, one)).rejects.toMatchObject({ code: 'HEAD_ROLLBACK' });
});

test.each([
  ['the same length', one, other],
  ['the longer one last', one, longer],
  ['the longer one first', longer, one],
])('of two answers from contradicting forks at the same time, one is refused: %s', async (_, first, second) => {
  const verifier = openVerifier();
  const settled = await Promise.allSettled([verify(verifier, first), verify(verifier, second)]);
  expect(settled.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  const refused = settled.find((each) => each.status === 'rejected')!.reason as { code: string };
  expect(refused.code).toMatch(/^HEAD_(FORK|CONSISTENCY)$/);
});
