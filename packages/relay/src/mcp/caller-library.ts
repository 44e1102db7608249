import type { FastifyReply } from 'fastify';
import { toListing } from '@tributary/client';
import { readWholeAnswer } from '@tributary/proof';
import { ownVectors, soldVectors, type Library, type LibraryAnswer, type Place, type SpendCap } from '@tributary/mcp';
import {
  checkShape,
  gatewayQuery,
  upsertBody,
  type Bundle,
  type GatewayQuery,
  type Offer,
  type WholeAnswer,
} from '@tributary/schemas';
import { StoreError } from '@tributary/store';
import type { Caller } from '../api-keys/types.ts';
import { ask, proofFor, type Asked } from '../gateway/ask.ts';
import type { InFlight } from '../gateway/in-flight.ts';
import { listFor } from '../gateway/list.ts';
import { toFetched, toInputs } from '../gateway/routes/own/records.ts';
import { queryEndpoint, toQuestion } from '../gateway/routes/query.ts';
import type { GatewayDeps } from '../gateway/types.ts';
import { waitingFor } from '../gateway/waiting.ts';
import type { OwnIndexes } from '../own/types.ts';

/** One call over HTTP, and the session that it belongs to. */
export interface CallOf {
  caller: Caller;
  reply: FastifyReply;
  session: SpendCap;
}

/**
 * The node's indexes in the name of a caller. Each method makes the call of the route of that name, so that keys,
 * budgets, proofs and delivery are those of the HTTP API.
 */
export function createCallerLibrary(deps: GatewayDeps, inFlight: InFlight, { caller: holder, reply, session }: CallOf): Library {
  const caller = withCap(holder, session);
  const ownPlace = (permission: 'read' | 'write', { index }: Place): OwnIndexes => {
    const { own } = deps;
    const id = own?.idOf(index);
    caller.require(permission, id ?? index);
    if (own === undefined || id === undefined)
      throw new StoreError('INDEX_NOT_FOUND', `this node has no index '${index}' of its own`);
    return own;
  };
  const fetch = async (place: Place, ids: readonly string[]) =>
    toFetched(
      await ownPlace('read', place)
        .index(place.index)
        .fetch([...ids], place.namespace),
      true,
    ).records;
  const vectorsOf = (answer: Asked, { namespace = '' }: GatewayQuery): LibraryAnswer['vectorsOf'] => {
    if (answer.own === null) return soldVectors(() => answer.network.answers.map(({ bundle }) => readSold(bundle())));
    const { index } = answer.own;
    return ownVectors((ids) => fetch({ index, namespace }, ids));
  };
  return {
    async indexes() {
      const { offers, own = [] } = listFor(deps, caller);
      return { offers: offers.map(toListing), own };
    },
    ask: (question, signal) =>
      inFlight.run(reply, async (hungUp) => {
        const asked = { question: toQuestion(checkShape(gatewayQuery, question, 'query')), includeProof: false };
        const waiting = waitingFor(reply, AbortSignal.any([hungUp, signal]));
        const answer = await ask(deps, asked, caller, waiting);
        return { ...(queryEndpoint.shape(answer, asked) as LibraryAnswer), vectorsOf: vectorsOf(answer, question) };
      }),
    async proof(receipt) {
      const proof = await proofFor(deps.proofs, receipt, caller);
      return proof?.type === 'tributary/bundle' ? proof : null;
    },
    fetch,
    async upsert(place, records) {
      const own = ownPlace('write', place);
      const inputs = toInputs(checkShape(upsertBody, { namespace: place.namespace, records }, 'upsert'));
      return written(await own.index(place.index, caller.writer).upsert(inputs));
    },
    async remove(place, ids) {
      const own = ownPlace('write', place);
      return written(await own.index(place.index, caller.writer).delete({ ids: [...ids] }, place.namespace));
    },
    left: async () => holder.left(),
  };
}

/** The client has verified the bundle, so its texts can be parsed. */
const readSold = ({ offer, ...bundle }: Bundle): { answer: WholeAnswer; offer: Offer } => ({
  answer: readWholeAnswer(bundle),
  offer: JSON.parse(offer.body) as Offer,
});

const written = ({ count, sequence }: { count: number; sequence: number }) => ({ count, sequence });

/** The same caller, who may spend no more than the session has left. */
function withCap(caller: Caller, session: SpendCap): Caller {
  return {
    ...caller,
    async reserve(most) {
      const mine = session.reserve(most);
      try {
        const budget = await caller.reserve(most);
        return {
          settle(charge) {
            budget.settle(charge);
            mine.settle(charge);
          },
        };
      } catch (error) {
        mine.settle(0n);
        throw error;
      }
    },
    left() {
      const [budget, room] = [caller.left(), session.left()];
      if (budget === null || room === null) return budget ?? room;
      return budget < room ? budget : room;
    },
  };
}
