// Altered proofs, against the one function that judges them.
import { isDeepStrictEqual } from 'node:util';
import { isEmbeddingProof, verifyBundle, verifyEmbeddingBundle } from '@tributary/proof';
import { readEmbeddings, readEmbedRequest } from '@tributary/proof/statements';
import { isTributaryError } from '@tributary/schemas';
import { makeTestBundle } from '../../packages/proof/test/_bundle.ts';
import { makeEmbeddingBundle } from '../../packages/proof/test/_embedding-bundle.ts';
import { mutateBytes, mutateJson } from './mutate.ts';
import type { Random } from './random.ts';
import type { Target } from './types.ts';

export async function openBundles(): Promise<Target> {
  const bundles = [makeTestBundle(), makeTestBundle({ free: true }), makeEmbeddingBundle(), makeEmbeddingBundle({ free: true })];
  const sold = makeEmbeddingBundle();
  const texts = bundles.map((bundle) => JSON.stringify(bundle));
  return {
    async feed(random) {
      const which = random.below(bundles.length);
      const { input, value } = inputOf(random, bundles[which]!, texts[which]!);
      const report = verify(input);
      if (report.ok && !isDeepStrictEqual(value(), bundles[which])) throw new Error('a changed bundle passed');
      if (!report.ok && report.failed === null) throw new Error('a bundle failed without a code');
      readStrictly(random, sold.request.body, readEmbedRequest);
      readStrictly(random, sold.response, readEmbeddings);
    },
    async honest() {
      for (const text of texts) if (!verify(text).ok) throw new Error('an honest bundle failed');
    },
    close: () => Promise.resolve(),
  };
}

const verify = (input: unknown) => (isEmbeddingProof(input) ? verifyEmbeddingBundle(input) : verifyBundle(input));

/** What a provider or a client reads of the other side: refused with a code, or read as it was written. */
function readStrictly(random: Random, text: string, read: (body: string | Uint8Array) => unknown): void {
  const input = random.chance(0.5) ? Buffer.from(mutateJson(random, JSON.parse(text))) : mutateBytes(random, Buffer.from(text));
  try {
    const value = read(input);
    if (JSON.stringify(value) !== input.toString()) throw new Error('a body was read as another value');
  } catch (error) {
    if (!isTributaryError(error)) throw error;
  }
}

/** A changed text, changed bytes, or noise. `value` parses it as JSON, and fails if it is none. */
function inputOf(random: Random, bundle: unknown, text: string): { input: string | Uint8Array; value(): unknown } {
  const kind = random.below(20);
  if (kind === 0) {
    const input = random.bytes(random.below(2_000));
    return { input, value: () => JSON.parse(input.toString()) as unknown };
  }
  if (kind < 4) {
    const input = mutateBytes(random, Buffer.from(text));
    return { input, value: () => JSON.parse(input.toString()) as unknown };
  }
  const input = mutateJson(random, bundle);
  return { input, value: () => JSON.parse(input) as unknown };
}
