import type { FastifyReply } from 'fastify';
import { toListing } from '@tributary/client';
import type { Library, LibraryAnswer, Place, SpendCap } from '@tributary/mcp';
import { checkShape, gatewayQuery, upsertBody } from '@tributary/schemas';
import { StoreError } from '@tributary/store';
import type { Caller } from '../api-keys/types.ts';
import { ask, proofFor } from '../gateway/ask.ts';
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
  return {
    async indexes() {
      const { offers, own = [] } = listFor(deps, caller);
      return { offers: offers.map(toListing), own };
    },
    ask: (question, signal) =>
      inFlight.run(reply, async (hungUp) => {
        const asked = { question: toQuestion(checkShape(gatewayQuery, question, 'query')), includeProof: false };
        const waiting = waitingFor(reply, AbortSignal.any([hungUp, signal]));
        return queryEndpoint.shape(await ask(deps, asked, caller, waiting), asked) as LibraryAnswer;
      }),
    async proof(receipt) {
      const proof = await proofFor(deps.proofs, receipt, caller);
      return proof?.type === 'tributary/bundle' ? proof : null;
    },
    async fetch(place, ids) {
      const own = ownPlace('read', place);
      return toFetched(await own.index(place.index).fetch([...ids], place.namespace), false).records;
    },
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
