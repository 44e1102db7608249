import type { RecoveredAnswer } from '@tributary/client';
import {
  bundle,
  checkShape,
  embeddingBundle,
  gatewayRecovered,
  gatewayResult,
  hash,
  recoveredFacts,
  type ErrorCode,
} from '@tributary/schemas';
import { z } from 'zod';
import type { Endpoint } from '../../endpoint.ts';
import type { Recovered } from './find.ts';

const path = z.strictObject({ receipt: hash });
const params = { receipt: { schema: hash, description: 'Receipt hash of the answer.' } };
const FAILING: readonly ErrorCode[] = ['WALLET_DAMAGED', 'OVERLOADED', 'ABORTED'];
const NAMED: readonly ErrorCode[] = [...FAILING, 'INPUT_SHAPE', 'INPUT_TOO_LARGE', 'PROOF_NOT_FOUND'];

const recoveredAnswer = recoveredFacts.extend({
  results: z.array(gatewayResult).optional(),
  proof: z.union([bundle, embeddingBundle]),
});

const toFacts = ({ receipt, sale, charge, unit, at, key }: RecoveredAnswer): z.infer<typeof recoveredFacts> => ({
  receipt,
  sale,
  charge,
  unit,
  at: new Date(at).toISOString(),
  key: key?.name ?? null,
});

export const listRecoveredEndpoint: Endpoint<null, RecoveredAnswer[]> = {
  id: 'recovered',
  summary: 'Answers that your account paid and that nobody got. Asks providers first for those that they still keep.',
  replies: { 200: { description: 'The answers, oldest first.', schema: gatewayRecovered } },
  errors: FAILING,
  parse: () => null,
  shape: (answers) => ({ answers: answers.map(toFacts) }),
};

export const readRecoveredEndpoint: Endpoint<string, Recovered> = {
  id: 'recoveredAnswer',
  summary: 'One of these answers, with its proof.',
  params,
  replies: { 200: { description: 'The answer. Without `results`, it has vectors.', schema: recoveredAnswer } },
  errors: NAMED,
  parse: (request) => checkShape(path, request.params, 'path').receipt,
  shape: ({ facts, results, proof }) => ({ ...toFacts(facts), ...(results === null ? {} : { results }), proof }),
};

export const forgetRecoveredEndpoint: Endpoint<string, void> = {
  id: 'forgetRecovered',
  summary: 'Forgets one of these answers: you have it.',
  params,
  replies: { 200: { description: 'It is forgotten.', schema: z.strictObject({ forgotten: hash }) } },
  errors: [...NAMED, 'WALLET_WRITE'],
  parse: (request) => checkShape(path, request.params, 'path').receipt,
  shape: (_, receipt) => ({ forgotten: receipt }),
};
