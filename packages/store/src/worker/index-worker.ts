import '@tributary/runtime/node-gc';
import { parentPort, workerData } from 'node:worker_threads';
import { makeIndex } from '../open/make.ts';
import type { FoundOutcome } from '../found.ts';
import type { AnswerOutcome } from '../types.ts';
import type { CallMessage, WorkerMessage, WorkerStart } from './protocol.ts';
import { createSender } from './sent-records.ts';
import { openService, type IndexService } from './service.ts';
import { openRemote } from '../remote/open-remote.ts';
import { toWire } from '../threads/wire-error.ts';

const port = parentPort!;
const { directory, settings, seed, create, engineUrl } = workerData as WorkerStart;
const toSent = createSender();
const post = (message: WorkerMessage, transfer: ArrayBuffer[] = []): void => port.postMessage(message, transfer);

try {
  if (create !== null) await makeIndex({ ...create, directory, settings, seed });
  const service = await openService({ directory, settings, seed, remote: await openRemote(settings, engineUrl) }, (status) =>
    post({ type: 'status', status }),
  );
  port.on('message', (message: CallMessage) => void serve(service, message));
  post({ type: 'open', status: service.status() });
} catch (error) {
  post({ type: 'failed', error: toWire(error) });
}

async function serve(service: IndexService, { id, name, params }: CallMessage): Promise<void> {
  try {
    const result = await service.call(name, params as never, (progress) => post({ type: 'progress', id, progress }));
    const isAnswer = name === 'answer' || name === 'rebuild';
    const sent = name === 'search' ? toSent(result as FoundOutcome) : result;
    post({ type: 'result', id, result: sent }, isAnswer ? [(result as AnswerOutcome).body.buffer as ArrayBuffer] : []);
    if (name === 'close') port.close();
  } catch (error) {
    post({ type: 'error', id, error: toWire(error) });
    if (name === 'close') port.close();
  }
}
