import '@tributary/runtime/node-gc';
import { basename, dirname, sep } from 'node:path';
import { workerData } from 'node:worker_threads';
import { env, pipeline } from '@huggingface/transformers';
import { serveTasks } from '../threads/serve-tasks.ts';
import type { EmbedStart, EmbedTask, Embedded } from './embedder.ts';

const { directory, device, weights, pooling, normalize, maxTokens } = workerData as EmbedStart;

env.allowRemoteModels = false;
env.allowLocalModels = true;
env.localModelPath = dirname(directory) + sep;

await serveTasks<EmbedTask, Embedded[]>(async () => {
  // On the CPU: one thread per session, one session per processor, one text per call. The int8 activations of a call
  // share one scale, so in a batch the vector of a text would depend on its neighbours. Batches are no faster either
  // (models/bge-small-en-v1.5/README.md).
  const model = await pipeline('feature-extraction', basename(directory), {
    device,
    dtype: weights,
    session_options: device === 'cpu' ? { intraOpNumThreads: 1, interOpNumThreads: 1 } : {},
  });
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
    transfer: (embedded) => embedded.flatMap(({ vector }) => (vector === null ? [] : [vector.buffer])),
    close: () => model.dispose(),
  };
});
