import { serializeBundle } from '@tributary/proof';
import { bundle, checkShape, embeddingBundle, hash } from '@tributary/schemas';
import { z } from 'zod';
import { RelayError } from '../../errors.ts';
import type { Endpoint } from '../endpoint.ts';
import type { Proof } from '../proof-files.ts';

const params = z.strictObject({ receipt: hash });

/** Proofs of earlier answers. */
export const proofsEndpoint: Endpoint<string, Proof | null> = {
  id: 'proof',
  summary: 'The proof of an answer given before, as the exact text of its bundle file.',
  params: { receipt: { schema: hash, description: 'Receipt hash: `usage.receipt` of the answer.' } },
  replies: { 200: { description: 'The bundle file.', schema: z.union([bundle, embeddingBundle]) } },
  errors: ['INPUT_SHAPE', 'INPUT_TOO_LARGE', 'PROOF_NOT_FOUND'],
  parse: (request) => checkShape(params, request.params, 'path').receipt,
  headers: (receipt) => ({
    'content-type': 'application/json; charset=utf-8',
    'content-disposition': `inline; filename="tributary-${receipt.slice(0, 16)}.json"`,
  }),
  shape(kept, receipt) {
    if (kept === null) throw new RelayError('PROOF_NOT_FOUND', `no proof with the receipt ${receipt} is kept here`);
    if (kept.type === 'tributary/bundle') return serializeBundle(kept);
    return `${JSON.stringify(checkShape(embeddingBundle, kept, 'bundle'), null, 2)}\n`;
  },
};
