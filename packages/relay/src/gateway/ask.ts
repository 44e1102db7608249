import type { Client, QueryResult, Question } from '@tributary/client';
import { receiptHash } from '@tributary/proof/payment';
import type { Bundle, MethodParams, Offer } from '@tributary/schemas';
import { StoreError } from '@tributary/store';
import type { Caller } from '../api-keys/types.ts';
import type { OwnAnswer } from '../own/types.ts';
import type { Proof } from './proof-files.ts';
import { payerOf, spend, type Outcome } from './spend.ts';
import type { GatewayDeps } from './types.ts';
import type { Waiting } from './waiting.ts';

/** The result and its source: verified answers from the network, or the node's own store. */
export type Asked = { own: null; network: QueryResult } | { own: OwnAnswer; alsoNamed: string[] };

/** A question whose bytes and nonce the caller made, and the index that the bytes name. */
export interface MadeQuestion {
  made: Parameters<Client['queryBytes']>[0];
  index: string;
}

type AskDeps = Pick<GatewayDeps, 'client' | 'accounts' | 'kept' | 'own' | 'proofs'>;

/**
 * Asks the node's own index of that name or id, otherwise the network, paid from the caller's budget. Proofs of the
 * network's answers are kept.
 *
 * @throws RelayError API_KEY_*; StoreError QUERY_INVALID for a proof of an own index; the errors of the client or the
 *   store
 */
export async function ask(
  deps: AskDeps,
  { question, includeProof }: { question: Question; includeProof: boolean },
  caller: Caller,
  waiting: Waiting,
): Promise<Asked> {
  const { client, own, proofs } = deps;
  const { index } = question;
  const id = index === undefined ? undefined : own?.idOf(index);
  if (own === undefined || index === undefined || id === undefined) {
    if (index !== undefined) caller.requireNamed('read', index);
    const payer = await payerOf(caller, deps);
    const network = await spend(payer, (purse) => client.query(question, { ...waiting, purse }), outcomeOf);
    for (const answer of network.answers) proofs.keep(answer.usage.receipt, answer.bundle);
    return { own: null, network };
  }
  caller.require('read', id);
  if (includeProof) {
    throw new StoreError(
      'QUERY_INVALID',
      `${index} is an index of this node, which proves nothing to itself: leave includeProof out, or ask with tributary query --owner`,
    );
  }
  const answer = await own.ask(index, question);
  const others = index === answer.index ? [] : othersNamed(client, index, answer.index);
  return { own: answer, alsoNamed: others.filter((other) => caller.covers(other)) };
}

const outcomeOf = ({ answers, failed }: QueryResult): Outcome => ({
  charges: answers.map(({ index, usage }) => ({ index, charge: usage.charge })),
  failed,
});

/** Ids of other owners' indexes with that name. */
function othersNamed(client: Client, name: string, own: string): string[] {
  return client
    .offers()
    .map(({ offer }) => offer.index)
    .filter((id) => id !== own && id.startsWith(`${name}@`))
    .toSorted();
}

/**
 * Asks a question whose bytes the caller made; the proof is kept.
 *
 * @throws RelayError API_KEY_*; the errors of the client
 */
export async function forward(deps: AskDeps, { made, index }: MadeQuestion, caller: Caller, waiting: Waiting): Promise<Bundle> {
  const { client, proofs } = deps;
  caller.require('read', index);
  const bundle = await spend(
    await payerOf(caller, deps),
    (purse) => client.queryBytes(made, { ...waiting, purse }),
    ({ receipt: { charge } }) => ({ charges: [{ index, charge }], failed: [] }),
  );
  proofs.keep(hashOf(bundle), () => bundle);
  return bundle;
}

/** The client has verified the bundle, so its offer can be parsed. */
const offerOf = ({ offer }: Bundle): Offer => JSON.parse(offer.body) as Offer;
const hashOf = (bundle: Bundle): string => receiptHash(bundle.receipt, offerOf(bundle).network);

/**
 * The proof of an earlier answer, for callers that may read its index. Others get the same reply as for a proof that is
 * not kept, so that a receipt tells them nothing. Sold vectors belong to no index: who knows their receipt may have
 * them.
 */
export async function proofFor(proofs: GatewayDeps['proofs'], receipt: string, caller: Caller): Promise<Proof | null> {
  const proof = await proofs.get(receipt);
  if (proof === null || proof.type === 'tributary/embedding-bundle') return proof;
  return caller.covers(offerOf(proof).index) ? proof : null;
}

/** @throws RelayError API_KEY_SCOPE; the errors of the client */
export function growth(
  { consistency }: Pick<GatewayDeps, 'consistency'>,
  sizes: MethodParams<'consistency'>,
  caller: Caller,
  signal: AbortSignal,
): Promise<string[]> {
  caller.require('read', sizes.index);
  return consistency(sizes, signal);
}
