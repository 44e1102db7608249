import '@tributary/runtime/node-gc';
import { pipeline } from '@huggingface/transformers';
import { serveTasks, startData } from '../threads/serve-tasks.ts';
import type { EmbedStart, EmbedTask, Embedded } from './embedder.ts';
import { onlyLocal, sessionFor } from './local-model.ts';

const { directory, device, weights, pooling, normalize, maxTokens } = startData<EmbedStart>();

await serveTasks<EmbedTask, Embedded[]>(async () => {
  const model = await pipeline('feature-extraction', onlyLocal(directory), sessionFor({ device, weights }));
  const embed = async (texts: string[]): Promise<Float32Array<ArrayBuffer>[]> => {
    if (texts.length === 0) return [];
    const output = await model(texts, { pooling, normalize });
    const all = Float32Array.from(output.data as Float32Array);
    output.dispose();
    const length = all.length / texts.length;
    return texts.map((_, at) => all.slice(at * length, (at + 1) * length));
  };
  return {
    async run({ texts, count }) {
      const tokens = texts.map((text) => (count ? model.tokenizer.encode(text).length : null));
      const fits = tokens.map((number) => number === null || number <= maxTokens);
      const vectors = await embed(texts.filter((_, at) => fits[at]));
      let next = 0;
      return tokens.map((number, at) => ({ vector: fits[at] === true ? vectors[next++]! : null, tokens: number }));
    },
    close: () => model.dispose(),
  };
});
