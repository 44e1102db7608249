import '@tributary/runtime/node-gc';
import { basename, dirname, sep } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { env, pipeline } from '@huggingface/transformers';

const port = parentPort!;
const { modelDirectory } = workerData as { modelDirectory: string };

env.allowRemoteModels = false;
env.allowLocalModels = true;
env.localModelPath = dirname(modelDirectory) + sep;

const model = await pipeline('feature-extraction', basename(modelDirectory), {
  device: 'cpu',
  dtype: 'q8',
  session_options: { intraOpNumThreads: 1, interOpNumThreads: 1 },
});
port.on('message', (text: string) => {
  void model([text], { pooling: 'cls', normalize: true }).then((output) => {
    port.postMessage(Float32Array.from(output.data as Float32Array));
    output.dispose();
  });
});
port.postMessage('ready');
