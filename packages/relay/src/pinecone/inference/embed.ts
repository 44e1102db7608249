import { recordTextBytesMax, TributaryError } from '@tributary/schemas';
import { StoreError, type Embedder } from '@tributary/store';
import { z } from 'zod';
import { ownBodyBytesMax } from '../../gateway/limits.ts';
import { toNumbers } from '../../numbers/float-text.ts';
import { embedInputsMax } from '../limits.ts';
import { optional, readBody } from '../parts.ts';
import type { Endpoint } from '../row.ts';
import { isNamed } from './named.ts';

export type OwnEmbedder = Pick<Embedder, 'card' | 'dimension' | 'maxTokens' | 'embed' | 'embedCounted' | 'countTokens'>;

const body = z.strictObject({
  model: z.string().max(256),
  parameters: optional(
    z.strictObject({
      input_type: optional(z.enum(['query', 'passage'])),
      truncate: optional(z.enum(['END', 'NONE'])),
      dimension: optional(z.number().int()),
    }),
  ),
  inputs: z
    .array(z.strictObject({ text: z.string().min(1, 'must not be empty') }))
    .min(1, `give 1 to ${embedInputsMax} inputs`)
    .max(embedInputsMax, `give 1 to ${embedInputsMax} inputs`),
});

interface AskedEmbed {
  model: string;
  texts: string[];
  kind: 'document' | 'query';
  /** False: a text that is too long is refused. */
  truncate: boolean;
  dimension: number | undefined;
}

interface Embedded {
  model: string;
  vectors: number[][];
  tokens: number;
}

export const embedEndpoint: Endpoint<AskedEmbed, Embedded> = {
  bodyBytesMax: ownBodyBytesMax,
  parse(request) {
    const { model, parameters = {}, inputs } = readBody(body, request);
    const texts = inputs.map(({ text }) => text);
    const long = texts.findIndex((text) => Buffer.byteLength(text) > recordTextBytesMax);
    if (long >= 0) throw new TributaryError('INPUT_SHAPE', `inputs.${long}: has more than ${recordTextBytesMax} bytes`);
    const { input_type, truncate = 'END', dimension } = parameters as z.output<typeof body>['parameters'] & object;
    return { model, texts, kind: input_type === 'query' ? 'query' : 'document', truncate: truncate === 'END', dimension };
  },
  shape: ({ model, vectors, tokens }) => ({
    model,
    vector_type: 'dense',
    data: vectors.map((values) => ({ vector_type: 'dense', values })),
    usage: { total_tokens: tokens },
  }),
};

/** @throws StoreError MODEL_NOT_FOUND, TEXT_TOO_LONG, EMBED_FAILED; TributaryError INPUT_SHAPE */
export async function embedTexts(embedder: OwnEmbedder, asked: AskedEmbed, signal: AbortSignal): Promise<Embedded> {
  const { texts, kind, truncate, dimension } = asked;
  const model = requireModel(embedder, asked.model);
  if (dimension !== undefined && dimension !== embedder.dimension)
    throw new TributaryError(
      'INPUT_SHAPE',
      `parameters.dimension: the vectors of ${model} have ${embedder.dimension}, not ${dimension}`,
    );
  if (!truncate) {
    const counted = await embedder.embedCounted(texts, kind, signal);
    return { model, vectors: await toNumbers(counted.vectors), tokens: counted.tokens };
  }
  const vectors = await toNumbers(await embedder.embed(texts, kind, signal));
  const tokens = texts.reduce((sum, text) => sum + Math.min(embedder.countTokens(text), embedder.maxTokens), 0);
  return { model, vectors, tokens };
}

/**
 * The id of the node's model, which may be given by its last part.
 *
 * @throws StoreError MODEL_NOT_FOUND
 */
function requireModel({ card }: Pick<Embedder, 'card'>, name: string): string {
  if (isNamed(card.id, name)) return card.id;
  throw new StoreError('MODEL_NOT_FOUND', `Model '${name}' not found. This node has ${card.id}`);
}
