import '../node-gc.ts';
import { parentPort } from 'node:worker_threads';
import { toRowsError } from './rows-error.ts';
import { openWriter, type Writer } from './writer.ts';
import type { WriterCall, WriterReply } from './writer-thread.ts';

const writers = new Map<number, Writer>();

function run({ writer: id, call }: WriterCall): boolean {
  if (call.do === 'open') {
    writers.set(id, openWriter(call.directory));
    return true;
  }
  const writer = writers.get(id)!;
  switch (call.do) {
    case 'batch':
      writer.batch(call.packed, call.sync);
      return true;
    case 'emptyLog':
      return writer.emptyLog();
    case 'close':
      writers.delete(id);
      writer.close();
      return true;
  }
}

parentPort!.on('message', (message: WriterCall) => {
  let reply: WriterReply;
  try {
    reply = { id: message.id, value: run(message) };
  } catch (error) {
    const { trouble, message: text } = toRowsError(error, 'the database');
    reply = { id: message.id, trouble, text };
  }
  parentPort!.postMessage(reply);
});
