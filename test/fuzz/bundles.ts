// Altered proofs, against the one function that judges them.
import { isDeepStrictEqual } from 'node:util';
import { verifyBundle } from '@tributary/proof';
import { makeTestBundle } from '../../packages/proof/test/_bundle.ts';
import { mutateBytes, mutateJson } from './mutate.ts';
import type { Random } from './random.ts';
import type { Target } from './types.ts';

export async function openBundles(): Promise<Target> {
  const bundles = [makeTestBundle(), makeTestBundle({ free: true })];
  const texts = bundles.map((bundle) => JSON.stringify(bundle));
  return {
    async feed(random) {
      const which = random.below(bundles.length);
      const { input, value } = inputOf(random, bundles[which]!, texts[which]!);
      const report = verifyBundle(input);
      if (report.ok && !isDeepStrictEqual(value(), bundles[which])) throw new Error('a changed bundle passed');
      if (!report.ok && report.failed === null) throw new Error('a bundle failed without a code');
    },
    async honest() {
      for (const text of texts) if (!verifyBundle(text).ok) throw new Error('an honest bundle failed');
    },
    close: () => Promise.resolve(),
  };
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
