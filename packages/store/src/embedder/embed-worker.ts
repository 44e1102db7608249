import '@tributary/runtime/node-gc';
import { basename, dirname, sep } from 'node:path';
import { workerData } from 'node:worker_threads';
import { env, pipeline } from '@huggingface/transformers';
import { serveTasks } from '../threads/serve-tasks.ts';
import type { EmbedStart, EmbedTask, Embedded } from './embedder.ts';

const { directory, dtype, pooling, normalize, maxTokens } = workerData as EmbedStart;

env.allowRemoteModels = false;
env.allowLocalModels = true;
env.localModelPath = dirname(directory) + sep;

await serveTasks<EmbedTask, Embedded>(async () => {
  // One thread per session, one session per processor, one text per call. The int8 activations of a call share one
  // scale, so in a batch the vector of a text would depend on its neighbours. Batches are no faster either
  // (models/bge-small-en-v1.5/README.md).
  const model = await pipeline('feature-extraction', basename(directory), {
    device: 'cpu',
    dtype,
    session_options: { intraOpNumThreads: 1, interOpNumThreads: 1 },
  });
  return {
    async run({ text, count }) {
      const tokens = count ? model.tokenizer.encode(text).length : null;
      if (tokens !== null && tokens > maxTokens) return { vector: null, tokens };
      const output = await model([text], { pooling, normalize });
      const vector = Float32Array.from(output.data as Float32Array);
      output.dispose();
      return { vector, tokens };
    },
    transfer: ({ vector }) => (vector === null ? [] : [vector.buffer]),
    close: () => model.dispose(),
  };
});
