import { verifyBundle } from '@tributary/proof';
import { hash } from '@tributary/schemas';
import { z } from 'zod';
import { McpError } from '../errors.ts';
import { tool } from './tool.ts';

/** Each verification runs the one verifier, from the bytes that the provider signed. */
export const verifyResult = tool({
  name: 'verify_result',
  title: 'Verify a result',
  description:
    'Checks the proof of a paid answer by its receipt: who signed the passages, that they are unaltered, from which snapshot ' +
    'they come, what was asked and charged. It also says what is not proven, and which keys nobody has pinned.',
  input: z.object({ receipt: hash.describe('`receipt` of a citation.') }),
  output: z.object({
    /** Every check passed. Whose keys they are is another question: see `unpinned`. */
    verified: z.boolean(),
    /** The first check that failed. */
    failed: z.object({ code: z.string(), message: z.string() }).nullable(),
    unpinned: z.array(z.object({ code: z.string(), key: z.string() })),
    notProven: z.array(z.string()),
    facts: z
      .object({
        index: z.string(),
        provider: z.string(),
        signers: z.array(z.string()),
        query: z.string().nullable(),
        results: z.number(),
        snapshot: z.number(),
        charge: z.string(),
        unit: z.string(),
      })
      .nullable(),
  }),
  annotations: { readOnlyHint: true, openWorldHint: false },
  async run({ receipt }, { toolkit: { library } }) {
    const bundle = await library.proof(receipt);
    if (bundle === null)
      throw new McpError(
        'PASSAGE_NOT_FOUND',
        `no proof with the receipt ${receipt} is kept here; answers of own indexes have none`,
      );
    const { ok, failed, unpinned, notProven, facts } = verifyBundle(bundle);
    return {
      verified: ok,
      failed,
      unpinned: unpinned.map(({ code, key }) => ({ code, key })),
      notProven: [...notProven],
      facts: facts && factsOf(facts),
    };
  },
});

function factsOf({ index, provider, signers, query, results, snapshot, charge, unit }: Facts) {
  return { index, provider, signers: [...signers], query, results, snapshot, charge, unit };
}
type Facts = NonNullable<ReturnType<typeof verifyBundle>['facts']>;
