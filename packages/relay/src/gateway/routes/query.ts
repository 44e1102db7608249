import { vectorFromBase64url } from '@tributary/proof/primitives';
import type { QueryResult, Question } from '@tributary/client';
import { checkShape, gatewayQuery, TributaryError, type GatewayAnswer, type GatewayQuery } from '@tributary/schemas';
import { callerOf } from '../access.ts';
import type { InFlight } from '../in-flight.ts';
import { PAYING } from '../route-codes.ts';
import { gatewayAnswer } from '../schemas.ts';
import { spend, type Outcome } from '../spend.ts';
import type { GatewayDeps, GatewayRoute } from '../types.ts';
import { toAmount } from './amount.ts';

/** What one index contributed, when several answered. */
export type AnswerPart = Pick<GatewayAnswer, 'index' | 'snapshot' | 'usage' | 'proof'>;
type Reply = GatewayAnswer & { answers?: AnswerPart[]; failed?: QueryResult['failed'] };

export function queryRoute({ client, proofs }: Pick<GatewayDeps, 'client' | 'proofs'>, inFlight: InFlight): GatewayRoute {
  return {
    method: 'POST',
    url: '/v1/query',
    id: 'query',
    summary: 'Asks a question, pays for the answer and verifies it.',
    access: { permission: 'read' },
    body: gatewayQuery,
    replies: { 200: { description: 'Verified results, what they cost and what is not proven.', schema: gatewayAnswer } },
    errors: PAYING,
    async handler(request, reply) {
      const asked = checkShape(gatewayQuery, request.body, 'query');
      const caller = callerOf(request);
      if (asked.index !== undefined) caller.requireNamed('read', asked.index);
      const question = toQuestion(asked);
      const result = await inFlight.run(reply, (signal) =>
        spend(caller, (purse) => client.query(question, { signal, purse }), outcomeOf),
      );
      for (const answer of result.answers) proofs.keep(answer.usage.receipt, answer.bundle);
      return toAnswer(result, asked.includeProof === true);
    },
  };
}

const outcomeOf = ({ answers, failed }: QueryResult): Outcome => ({
  charges: answers.map(({ index, usage }) => ({ index, charge: usage.charge })),
  failed,
});

function toQuestion(asked: GatewayQuery): Question {
  const { query, vector, includeProof: _, maxCharge, index, namespace, topK, filter, mode, denseWeight, minRelevance } = asked;
  return {
    ...(query === undefined ? {} : { text: query }),
    ...(vector === undefined ? {} : { vector: toVector(vector) }),
    ...(maxCharge === undefined ? {} : { maxCharge: toAmount(maxCharge) }),
    ...(index === undefined ? {} : { index }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(topK === undefined ? {} : { topK }),
    ...(filter === undefined ? {} : { filter }),
    ...(mode === undefined ? {} : { mode }),
    ...(denseWeight === undefined ? {} : { denseWeight }),
    ...(minRelevance === undefined ? {} : { minRelevance }),
  };
}

function toVector(given: number[] | string): Float32Array {
  const vector = typeof given === 'string' ? readVector(given) : Float32Array.from(given);
  const wrong = vector.findIndex((component) => !Number.isFinite(component));
  if (wrong >= 0) throw new TributaryError('VECTOR_NOT_FINITE', `vector: component ${wrong} is not a finite 32-bit float`);
  return vector;
}

function readVector(encoded: string): Float32Array {
  try {
    return vectorFromBase64url(encoded);
  } catch (cause) {
    throw new TributaryError('INPUT_SHAPE', 'query at vector: must be little-endian float32 as base64url without padding', {
      cause,
    });
  }
}

function toAnswer(result: QueryResult, includeProof: boolean): Reply {
  const parts = result.answers.map(({ index, snapshot, usage, bundle }): AnswerPart => ({
    index,
    snapshot,
    usage,
    ...(includeProof ? { proof: bundle() } : {}),
  }));
  const [first] = parts;
  if (!first) throw new Error('the client gave no answer');
  const { results, mode, usage, notProven, failed } = result;
  const head = { results, index: first.index, mode, snapshot: first.snapshot, ...(failed.length > 0 ? { failed } : {}) };
  if (parts.length === 1) return { ...head, usage: first.usage, notProven, ...(first.proof ? { proof: first.proof } : {}) };
  return { ...head, usage: { ...first.usage, ...usage }, notProven, answers: parts };
}
