import { recordTextBytesMax, text } from '@tributary/schemas';
import { StoreError, type Embedder } from '@tributary/store';
import { z } from 'zod';
import type { Endpoint } from '../../gateway/endpoint.ts';
import { PAYING } from '../../gateway/route-codes.ts';
import { KEYED } from '../../gateway/waiting.ts';
import { toNumbers } from '../../numbers/float-text.ts';
import { embeddingBodyBytesMax, embeddingBytesMax, embeddingInputsMax, receiptsShownMax } from '../limits.ts';
import { checkParams, ParamError } from '../param-error.ts';

const body = z.strictObject({
  input: z.unknown(),
  model: z.string().max(256),
  dimensions: z.number().int().min(1).optional(),
  encoding_format: z.enum(['float', 'base64']).optional(),
  user: z.string().optional(),
});
const inputText = text(recordTextBytesMax);

export interface AskedEmbeddings {
  texts: string[];
  model: string;
  dimensions: number | undefined;
  format: 'float' | 'base64';
}

/** Vectors as they are sent, and the number of tokens that the model read. */
export interface Embeddings {
  vectors: (number[] | string)[];
  tokens: number;
  /** Of vectors that were bought, in the order of their texts. */
  receipts?: string[];
}

const reply = z.strictObject({
  object: z.literal('list'),
  model: z.string(),
  data: z.array(
    z.strictObject({
      object: z.literal('embedding'),
      index: z.number().int(),
      embedding: z.union([z.array(z.number()), z.base64()]),
    }),
  ),
  usage: z.strictObject({ prompt_tokens: z.number().int(), total_tokens: z.number().int() }),
});

export const embeddingsEndpoint: Endpoint<AskedEmbeddings, Embeddings> = {
  id: 'openai-embeddings',
  summary: "Embeds texts with the node's model, or buys their vectors.",
  body,
  bodyBytesMax: embeddingBodyBytesMax,
  replies: { 200: { description: 'The vectors, in the order of the texts.', schema: reply } },
  requestHeaders: KEYED,
  errors: PAYING,
  parse(request) {
    const { input, model, dimensions, encoding_format: format = 'float' } = checkParams(body, request.body);
    return { texts: readInput(input), model, dimensions, format };
  },
  headers: (_, { receipts = [] }): Record<string, string> =>
    receipts.length === 0 ? {} : { 'x-tributary-receipt': receipts.slice(0, receiptsShownMax).join(', ') },
  shape: ({ vectors, tokens }, { model }) => ({
    object: 'list',
    model,
    data: vectors.map((embedding, index) => ({ object: 'embedding', index, embedding })),
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  }),
};

/** @throws ParamError INPUT_SHAPE */
function readInput(input: unknown): string[] {
  const list = Array.isArray(input) ? (input as unknown[]) : [input];
  const refuse = (message: string): never => {
    throw new ParamError('input', `input: ${message}`);
  };
  if (list.length === 0 || list.length > embeddingInputsMax) refuse(`give 1 to ${embeddingInputsMax} texts`);
  let bytes = 0;
  for (const [at, value] of list.entries()) {
    if (typeof value === 'number' || Array.isArray(value))
      refuse(
        "this node takes texts, no tokens: their numbers belong to the vocabulary of another model than the node's. " +
          'Send the text itself (LangChain for Python: check_embedding_ctx_length=False)',
      );
    if (typeof value !== 'string') refuse(`text ${at} is no text`);
    const checked = inputText.min(1, 'must not be empty').safeParse(value);
    if (!checked.success) refuse(`text ${at} ${checked.error.issues[0]?.message ?? 'is not well formed'}`);
    bytes += Buffer.byteLength(value as string);
  }
  if (bytes > embeddingBytesMax)
    refuse(`the texts have ${bytes} bytes together, more than ${embeddingBytesMax}; send fewer at a time`);
  return list as string[];
}

/**
 * Embeds with the node's model. @throws StoreError MODEL_NOT_FOUND, TEXT_TOO_LONG, STORE_BUSY, EMBED_FAILED; ParamError
 * INPUT_SHAPE
 */
export async function embedTexts(
  embedder: Pick<Embedder, 'card' | 'dimension' | 'embedCounted'>,
  { texts, model, dimensions, format }: AskedEmbeddings,
  signal: AbortSignal,
): Promise<Embeddings> {
  requireModel(embedder, model);
  const length = dimensions ?? embedder.dimension;
  const allowed = [embedder.dimension, ...shorterLengths(embedder.card)];
  if (!allowed.includes(length)) {
    const list = allowed.join(', ');
    throw new ParamError('dimensions', `dimensions: the vectors of ${model} have ${list} components, not ${length}`);
  }
  const { vectors, tokens } = await embedder.embedCounted(texts, 'document', signal);
  const wanted = length === embedder.dimension ? vectors : vectors.map((vector) => shorten(vector, length));
  return { vectors: format === 'float' ? await toNumbers(wanted) : wanted.map(toBase64), tokens };
}

/** @throws StoreError MODEL_NOT_FOUND */
function requireModel({ card }: Pick<Embedder, 'card'>, id: string): void {
  if (id !== card.id) throw new StoreError('MODEL_NOT_FOUND', `this node has no model '${id}'; it has ${card.id}`);
}

const lengths = z.array(z.number().int().min(1)).max(64);

/** Lengths to which vectors of a Matryoshka model may be shortened, according to its card. */
function shorterLengths(card: Embedder['card']): number[] {
  const listed = lengths.safeParse(card['dimensions']);
  return listed.success ? listed.data : [];
}

/** The first components, normalised to length 1 again. */
function shorten(vector: Float32Array<ArrayBuffer>, length: number): Float32Array<ArrayBuffer> {
  const cut = vector.slice(0, length);
  const norm = Math.hypot(...cut);
  return norm === 0 ? cut : cut.map((component) => component / norm);
}

/** Little-endian float32. */
export const toBase64 = ({ buffer, byteOffset, byteLength }: Float32Array): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString('base64');
