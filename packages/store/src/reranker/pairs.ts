import { Tensor } from '@huggingface/transformers';
import type { Tokenizer } from '@huggingface/tokenizers';

/** A question and a text as a model reads them. */
export interface EncodedPair {
  ids: number[];
  /** Which of the two a token belongs to. */
  types: number[];
}

/** Share of the window that a question may take where the text needs it. */
const QUESTION_SHARE = 0.5;

/** The whole pair, whatever its length. */
export function encodePair(tokenizer: Tokenizer, question: string, text: string): EncodedPair {
  const { ids, token_type_ids } = tokenizer.encode(question, { text_pair: text, return_token_type_ids: true });
  return { ids, types: token_type_ids ?? ids.map(() => 0) };
}

/** Cuts both parts at their ends until the pair fits; special tokens stay. The text gives way before the question. */
export function cutPair(pair: EncodedPair, tokenizer: Tokenizer, question: string, text: string, window: number): EncodedPair {
  if (pair.ids.length <= window) return pair;
  const [first, second] = [question, text].map((part) => tokenizer.encode(part, { add_special_tokens: false }).ids) as [
    number[],
    number[],
  ];
  const room = window - (pair.ids.length - first.length - second.length);
  const kept = Math.min(first.length, Math.max(Math.floor(room * QUESTION_SHARE), room - second.length));
  const firstAt = placeOf(pair.ids, first, 0);
  const secondAt = placeOf(pair.ids, second, firstAt + first.length);
  const keeps = (at: number): boolean =>
    !(at >= firstAt + kept && at < firstAt + first.length) && !(at >= secondAt + room - kept && at < secondAt + second.length);
  return { ids: pair.ids.filter((_, at) => keeps(at)), types: pair.types.filter((_, at) => keeps(at)) };
}

/** Where a part begins: the first place from there on at which its tokens are. */
function placeOf(ids: readonly number[], part: readonly number[], from: number): number {
  for (let at = from; at + part.length <= ids.length; at += 1) if (part.every((id, by) => ids[at + by] === id)) return at;
  throw new Error('the tokenizer writes a pair otherwise than its parts');
}

/** Pairs side by side, each filled up to the longest. */
export function toInputs(pairs: readonly EncodedPair[], padId: number): Record<string, Tensor> {
  const length = Math.max(...pairs.map(({ ids }) => ids.length));
  const tensor = (rowOf: (pair: EncodedPair) => readonly number[], filler: number): Tensor => {
    const data = new BigInt64Array(pairs.length * length).fill(BigInt(filler));
    for (const [at, pair] of pairs.entries())
      for (const [by, value] of rowOf(pair).entries()) data[at * length + by] = BigInt(value);
    return new Tensor('int64', data, [pairs.length, length]);
  };
  return {
    input_ids: tensor(({ ids }) => ids, padId),
    attention_mask: tensor(({ ids }) => ids.map(() => 1), 0),
    token_type_ids: tensor(({ types }) => types, 0),
  };
}

/** The score of each row of logits: of one, its sigmoid; of two, the probability of the second class. */
export function toScores(logits: Float32Array, rows: number): number[] {
  const classes = logits.length / rows;
  return Array.from({ length: rows }, (_, at) => {
    const row = logits.subarray(at * classes, (at + 1) * classes);
    return 1 / (1 + Math.exp(-(classes === 1 ? row[0]! : row[1]! - row[0]!)));
  });
}
