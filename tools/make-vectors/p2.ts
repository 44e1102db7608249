// Writes schemas/vectors/{offer,payment,query,bundle,writers,embedding}.{valid,invalid}.json:
// `node tools/make-vectors/p2.ts`. The same files every time: keys, salts and times are fixed.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleVectors } from './bundle.ts';
import type { VectorCase, Vectors } from './case.ts';
import { embeddingVectors } from './embedding.ts';
import { offerVectors } from './offer.ts';
import { paymentVectors } from './payment.ts';
import { queryVectors } from './query.ts';
import { writersVectors } from './writers.ts';

const pages: Readonly<Record<string, Vectors>> = {
  offer: offerVectors,
  payment: paymentVectors,
  query: queryVectors,
  bundle: bundleVectors,
  writers: writersVectors,
  embedding: embeddingVectors,
};

/** Text of each file, by its name in schemas/vectors. */
export function vectorFiles(): Map<string, string> {
  const text = (cases: readonly VectorCase[]) => `${JSON.stringify(cases, null, 2)}\n`;
  return new Map(
    Object.entries(pages).flatMap(([page, cases]): [string, string][] => [
      [`${page}.valid.json`, text(cases.valid)],
      [`${page}.invalid.json`, text(cases.invalid)],
    ]),
  );
}

if (import.meta.main) {
  const folder = join(import.meta.dirname, '../../schemas/vectors');
  for (const [name, text] of vectorFiles()) writeFileSync(join(folder, name), text);
}
