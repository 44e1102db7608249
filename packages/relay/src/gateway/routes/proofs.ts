import { bundle, checkShape, hash } from '@tributary/schemas';
import { z } from 'zod';
import { RelayError } from '../../errors.ts';
import type { GatewayDeps, GatewayRoute } from '../types.ts';

const params = z.strictObject({ receipt: hash });

/** Proofs of answers given before. A receipt hash cannot be guessed, so whoever has it was told it. */
export function proofsRoute({ proofs }: Pick<GatewayDeps, 'proofs'>): GatewayRoute {
  return {
    method: 'GET',
    url: '/v1/proofs/:receipt',
    id: 'proof',
    summary: 'The proof of an answer given before, as the exact text of its bundle file.',
    access: { permission: 'read' },
    params: { receipt: { schema: hash, description: 'Receipt hash: `usage.receipt` of the answer.' } },
    replies: { 200: { description: 'The bundle file.', schema: bundle } },
    errors: ['INPUT_SHAPE', 'INPUT_TOO_LARGE', 'PROOF_NOT_FOUND'],
    async handler(request, reply) {
      const { receipt } = checkShape(params, request.params, 'path');
      const file = await proofs.get(receipt);
      if (file === null) throw new RelayError('PROOF_NOT_FOUND', `no proof with the receipt ${receipt} is kept here`);
      void reply
        .type('application/json; charset=utf-8')
        .header('content-disposition', `inline; filename="tributary-${receipt.slice(0, 16)}.json"`);
      return file;
    },
  };
}
