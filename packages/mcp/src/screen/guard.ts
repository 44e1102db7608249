import { readBody, text } from '@tributary/schemas';
import { z } from 'zod';
import { guardAnswerBytesMax, guardTimeoutMs } from '../limits.ts';

/** An external judge of passages, beside the rules of this program. */
export interface Guard {
  /** The ids of the passages to leave out, with the judge's labels. */
  judge(passages: readonly { id: string; text: string }[]): Promise<Map<string, string[]>>;
}

export interface GuardOptions {
  /** Where the judge takes `POST` requests. */
  url: string;
  /** Longest wait for it. Default: {@link guardTimeoutMs}. */
  timeoutMs?: number;
  /** What happens to passages that it did not judge: `closed` leaves them out, `open` shows them. */
  fail: 'open' | 'closed';
  fetch?: typeof fetch;
  /** Called when it did not judge. */
  onFailure?: (reason: string) => void;
}

/** Answer of a judge (docs/spec/mcp.md#guard). */
const verdicts = z.object({
  verdicts: z.array(z.object({ id: z.string(), allow: z.boolean(), labels: z.array(text(64)).max(16).default([]) })).max(1_000),
});

/** A judge behind a URL. */
export function createGuard({ url, timeoutMs = guardTimeoutMs, fail, fetch: call = fetch, onFailure }: GuardOptions): Guard {
  return {
    async judge(passages) {
      if (passages.length === 0) return new Map();
      try {
        const response = await call(url, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ v: 1, passages }),
          signal: AbortSignal.timeout(timeoutMs),
          redirect: 'error',
        });
        if (!response.ok) throw new Error(`status ${response.status}`);
        const judged = new Map(verdicts.parse(JSON.parse(await readText(response))).verdicts.map((one) => [one.id, one]));
        if (passages.some(({ id }) => !judged.has(id))) throw new Error('not every passage was judged');
        return new Map([...judged.values()].filter(({ allow }) => !allow).map(({ id, labels }) => [id, labels]));
      } catch (error) {
        onFailure?.(error instanceof Error ? error.message : String(error));
        return fail === 'open' ? new Map() : new Map(passages.map(({ id }) => [id, ['guard-unavailable']]));
      }
    },
  };
}

/** A judge gone wrong does not fill the memory. */
const readText = async (response: Response): Promise<string> =>
  new TextDecoder().decode(
    await readBody(response, guardAnswerBytesMax, () => new Error(`more than ${guardAnswerBytesMax} bytes`)),
  );
