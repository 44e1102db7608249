import '@tributary/runtime/node-gc';
import { basename, dirname, sep } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { env, pipeline } from '@huggingface/transformers';
import { toWire } from '../worker/wire-error.ts';
import type { EmbedMessage, EmbedRequest, EmbedStart } from './messages.ts';

const port = parentPort!;
const { directory, dtype, pooling, normalize } = workerData as EmbedStart;
const post = (message: EmbedMessage, transfer: ArrayBuffer[] = []): void => port.postMessage(message, transfer);

env.allowRemoteModels = false;
env.allowLocalModels = true;
env.localModelPath = dirname(directory) + sep;

try {
  // One thread a session, one session a processor, one text a call: int8 activations share one scale within a call, so a text's
  // vector would depend on its neighbours in a batch, and batches are no faster (models/bge-small-en-v1.5/README.md).
  const model = await pipeline('feature-extraction', basename(directory), {
    device: 'cpu',
    dtype,
    session_options: { intraOpNumThreads: 1, interOpNumThreads: 1 },
  });
  const embed = async (text: string): Promise<void> => {
    try {
      const output = await model([text], { pooling, normalize });
      const vector = Float32Array.from(output.data as Float32Array);
      output.dispose();
      post({ type: 'vector', vector }, [vector.buffer]);
    } catch (error) {
      post({ type: 'error', error: toWire(error) });
    }
  };
  // One after the other: vectors go back in the order of their texts.
  let last = Promise.resolve();
  let closing = false;
  port.on('message', (request: EmbedRequest) => {
    if (request.type === 'close') {
      closing = true;
      // A thread that ends while the native session computes takes the process along (Napi::Error), so it ends only after that.
      last = last
        .then(() => model.dispose())
        .then(
          () => port.close(),
          () => port.close(),
        );
    } else last = last.then(() => (closing ? post({ type: 'dropped' }) : embed(request.text)));
  });
  post({ type: 'ready' });
} catch (error) {
  post({ type: 'failed', error: toWire(error) });
}
