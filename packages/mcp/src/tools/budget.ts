import { z } from 'zod';
import { tool } from './tool.ts';

export const budget = tool({
  name: 'budget',
  title: 'Budget',
  description: 'Says what this session spent, and what the session and the API key may still spend, in credits.',
  input: z.object({}),
  output: z.object({
    session: z.object({ spent: z.string(), cap: z.string().nullable(), left: z.string().nullable() }),
    /** Null: the key has no bound. */
    key: z.object({ left: z.string().nullable() }),
    unit: z.string(),
  }),
  annotations: { readOnlyHint: true, openWorldHint: false },
  async run(_asked, { toolkit: { library, session } }) {
    const text = (amount: bigint | null): string | null => (amount === null ? null : String(amount));
    return {
      session: { spent: String(session.spent()), cap: text(session.cap), left: text(session.left()) },
      key: { left: text(await library.left()) },
      unit: 'credit',
    };
  },
});
