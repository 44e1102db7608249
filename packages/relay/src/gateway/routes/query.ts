import type { QueryResult, Question } from '@tributary/client';
import { checkShape, gatewayAnswer, gatewayQuery, type GatewayAnswer, type GatewayQuery } from '@tributary/schemas';
import type { Asked } from '../ask.ts';
import type { Endpoint } from '../endpoint.ts';
import { PAYING } from '../route-codes.ts';
import { KEYED } from '../waiting.ts';
import { toAmount } from './amount.ts';
import { toSparseVector, toVector } from './vector.ts';

/** The contribution of one index, when several answered. */
export type AnswerPart = Pick<GatewayAnswer, 'index' | 'snapshot' | 'usage' | 'proof'>;
type Reply = GatewayAnswer & { answers?: AnswerPart[]; failed?: QueryResult['failed']; alsoNamed?: string[] };

export const queryEndpoint: Endpoint<{ question: Question; includeProof: boolean }, Asked> = {
  id: 'query',
  summary: "Asks one of the node's own indexes, or the network: there it pays for the answer and verifies it.",
  body: gatewayQuery,
  replies: { 200: { description: 'Results, what they cost and what is not proven.', schema: gatewayAnswer } },
  requestHeaders: KEYED,
  errors: PAYING,
  parse(request) {
    const asked = checkShape(gatewayQuery, request.body, 'query');
    return { question: toQuestion(asked), includeProof: asked.includeProof === true };
  },
  shape: (result, { includeProof }) => (result.own === null ? toAnswer(result.network, includeProof) : toOwnAnswer(result)),
};

export function toQuestion(asked: GatewayQuery): Question {
  const {
    query,
    vector,
    sparse,
    includeProof: _,
    maxCharge,
    index,
    namespace,
    topK,
    filter,
    mode,
    denseWeight,
    minRelevance,
  } = asked;
  return {
    ...(query === undefined ? {} : { text: query }),
    ...(vector === undefined ? {} : { vector: toVector(vector, 'query at vector') }),
    ...(sparse === undefined ? {} : { sparse: toSparseVector(sparse, 'query at sparse') }),
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

/** Nothing was sold and nothing is proven, because the node read its own store. */
function toOwnAnswer({ own, alsoNamed }: Extract<Asked, { alsoNamed: string[] }>): Reply {
  return {
    ...own,
    usage: { charge: '0', unit: 'credit', receipt: null },
    notProven: ['answer'],
    ...(alsoNamed.length > 0 ? { alsoNamed } : {}),
  };
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
