import { Worker } from 'node:worker_threads';
import { packRows } from './row.ts';
import { readOnlyError, RowsError, type RowsTrouble } from './rows-error.ts';
import type { RowOperation } from './types.ts';
import { openWriter } from './writer.ts';

/** A {@link Writer} that does not block its caller. */
export interface AsyncWriter {
  batch(operations: readonly RowOperation[], sync: boolean): Promise<void>;
  emptyLog(): Promise<boolean>;
  close(): Promise<void>;
}

export interface WriterCall {
  id: number;
  writer: number;
  call:
    | { do: 'open'; directory: string }
    | { do: 'batch'; packed: Uint8Array; sync: boolean }
    | { do: 'emptyLog' }
    | { do: 'close' };
}
export type WriterReply = { id: number; value: boolean } | { id: number; trouble: RowsTrouble; text: string };

const WORKER_URL = new URL('./writer-worker.ts', import.meta.url);

/** Blocks its caller at each call. For steps so short that a thread would cost more than it saves. */
export function openWriterHere(directory: string): AsyncWriter {
  const writer = openWriter(directory);
  return {
    batch: async (operations, sync) => writer.batch(packRows(operations), sync),
    emptyLog: async () => writer.emptyLog(),
    close: async () => writer.close(),
  };
}

/** For a folder that cannot be written. */
export async function openNoWriter(directory: string): Promise<AsyncWriter> {
  const refuse = (): Promise<never> => Promise.reject(readOnlyError(directory));
  return { batch: refuse, emptyLog: refuse, close: async () => undefined };
}

/** The writer's thread of this thread. It starts with the first writer and ends with the last. */
let thread: WriterThread | null = null;
let writersOpened = 0;

/** Opens a writer on the thread that all writers of this thread share. */
export async function openWriterThere(directory: string): Promise<AsyncWriter> {
  const own = (thread ??= startThread());
  const writer = (writersOpened += 1);
  own.users += 1;
  const leave = async (): Promise<void> => {
    own.users -= 1;
    if (own.users > 0) return;
    if (thread === own) thread = null;
    await own.end();
  };
  try {
    await own.call(writer, { do: 'open', directory });
  } catch (error) {
    await leave();
    throw error;
  }
  return {
    async batch(operations, sync) {
      const packed = packRows(operations);
      await own.call(writer, { do: 'batch', packed, sync }, [packed.buffer]);
    },
    emptyLog: () => own.call(writer, { do: 'emptyLog' }),
    async close() {
      try {
        await own.call(writer, { do: 'close' });
      } finally {
        await leave();
      }
    },
  };
}

interface WriterThread {
  users: number;
  call(writer: number, call: WriterCall['call'], transfer?: ArrayBuffer[]): Promise<boolean>;
  end(): Promise<void>;
}

function startThread(): WriterThread {
  // Flags of the process are for its own program; some, such as `--input-type`, make a worker fail.
  const worker = new Worker(WORKER_URL, { execArgv: [] });
  const waiting = new Map<number, PromiseWithResolvers<boolean>>();
  let calls = 0;
  let gone: RowsError | null = null;
  const ended = (cause?: unknown): void => {
    gone ??= new RowsError('disk', 'the thread that writes to the disk has ended', { cause });
    if (thread?.call === call) thread = null;
    for (const one of waiting.values()) one.reject(gone);
    waiting.clear();
  };
  worker.on('message', (reply: WriterReply) => {
    const one = waiting.get(reply.id);
    waiting.delete(reply.id);
    if (waiting.size === 0) worker.unref();
    if ('trouble' in reply) one?.reject(new RowsError(reply.trouble, reply.text));
    else one?.resolve(reply.value);
  });
  worker.once('error', ended);
  worker.once('exit', () => ended());
  worker.unref();
  function call(writer: number, what: WriterCall['call'], transfer: ArrayBuffer[] = []): Promise<boolean> {
    if (gone) return Promise.reject(gone);
    calls += 1;
    const one = Promise.withResolvers<boolean>();
    if (waiting.size === 0) worker.ref(); // a process does not end while a write is in progress
    waiting.set(calls, one);
    worker.postMessage({ id: calls, writer, call: what } satisfies WriterCall, transfer);
    return one.promise;
  }
  return {
    users: 0,
    call,
    async end() {
      await worker.terminate();
    },
  };
}
