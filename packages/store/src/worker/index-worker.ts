import '@tributary/runtime/node-gc';
import { parentPort, workerData } from 'node:worker_threads';
import { makeIndex } from '../open/make.ts';
import type { FoundOutcome } from '../found.ts';
import type { AnswerOutcome } from '../types.ts';
import type { CallMessage, WorkerMessage, WorkerStart } from './protocol.ts';
import { toSentAnswer } from './sent-answers.ts';
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
    if (name === 'answer' || name === 'rebuild') {
      const answer = toSentAnswer(result as AnswerOutcome);
      post({ type: 'result', id, result: answer }, [answer.whole]);
      return;
    }
    post({ type: 'result', id, result: name === 'search' ? toSent(result as FoundOutcome) : result });
    if (name === 'close') port.close();
  } catch (error) {
    post({ type: 'error', id, error: toWire(error) });
    if (name === 'close') port.close();
  }
}
