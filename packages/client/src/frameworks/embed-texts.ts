import { checkShape } from '@tributary/schemas';
import { z } from 'zod';
import { exchange, type GatewayCalls } from '../http/gateway-calls.ts';
import { ownWriteTimeoutMs, textRecordsPerWrite } from '../http/limits.ts';

/** A node whose model embeds, and which of its models. */
export interface Embeds extends GatewayCalls {
  /** Id of the model, as `GET /v1/models` lists it. */
  model: string;
}

const reply = z.object({
  data: z.array(z.object({ index: z.number().int(), embedding: z.array(z.number()) })),
  usage: z.object({ total_tokens: z.number() }),
});

/**
 * The node's vectors of texts, in their order.
 *
 * @throws the errors of {@link exchange}
 */
export async function embedTexts(
  calls: Embeds,
  texts: readonly string[],
  signal?: AbortSignal,
): Promise<{ vectors: number[][]; tokens: number }> {
  const vectors: number[][] = [];
  let tokens = 0;
  for (let at = 0; at < texts.length; at += textRecordsPerWrite) {
    const body = { model: calls.model, input: texts.slice(at, at + textRecordsPerWrite), encoding_format: 'float' };
    const answer = await exchange(calls, '/v1/embeddings', body, { signal, timeoutMs: ownWriteTimeoutMs });
    const { data, usage } = checkShape(reply, answer, "the node's vectors");
    vectors.push(...data.toSorted((one, other) => one.index - other.index).map(({ embedding }) => embedding));
    tokens += usage.total_tokens;
  }
  return { vectors, tokens };
}
