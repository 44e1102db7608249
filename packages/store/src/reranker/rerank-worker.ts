import '@tributary/runtime/node-gc';
import { AutoModelForSequenceClassification, type Tensor } from '@huggingface/transformers';
import { onlyLocal, sessionFor } from '../embedder/local-model.ts';
import { openTokenizer } from '../embedder/tokenizer.ts';
import { serveTasks, startData } from '../threads/serve-tasks.ts';
import { cutPair, encodePair, toInputs, toScores, type EncodedPair } from './pairs.ts';
import type { Reranked, RerankStart, RerankTask } from './reranker.ts';

const { directory, device, weights, maxTokens } = startData<RerankStart>();

await serveTasks<RerankTask, Reranked[]>(async () => {
  const [model, { tokenizer, padId }] = await Promise.all([
    AutoModelForSequenceClassification.from_pretrained(onlyLocal(directory), sessionFor({ device, weights })),
    openTokenizer(directory),
  ]);
  const score = async (pairs: EncodedPair[]): Promise<number[]> => {
    if (pairs.length === 0) return [];
    const { logits } = (await model(toInputs(pairs, padId))) as { logits: Tensor };
    const numbers = logits.to('float32');
    const scores = toScores(numbers.data as Float32Array, pairs.length);
    logits.dispose();
    return scores;
  };
  return {
    async run({ pairs, whole }) {
      const encoded = pairs.map(({ question, text }) => {
        const pair = encodePair(tokenizer, question, text);
        return { tokens: pair.ids.length, pair: whole ? pair : cutPair(pair, tokenizer, question, text, maxTokens) };
      });
      const fits = encoded.filter(({ pair }) => pair.ids.length <= maxTokens);
      const scores = await score(fits.map(({ pair }) => pair));
      return encoded.map((one) => ({ score: scores[fits.indexOf(one)] ?? null, tokens: one.tokens }));
    },
    close: () => model.dispose(),
  };
});
