import type { FileHandle } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { serializeBundle } from '@tributary/proof';
import { bundleBytesMax, type Bundle } from '@tributary/schemas';
import type { Log } from '../observe/log.ts';
import type { Metrics } from '../observe/metrics.ts';
import { proofFileBytesMax, proofsKeptBytesMax, proofsKeptMax, proofsPerWriteMax, proofsWaitingMax } from './limits.ts';
import {
  decodeProof,
  encodeProof,
  openForAppend,
  placeOf,
  proofHead,
  readProof,
  removeProofFile,
  scanProofs,
  type ProofFile,
  type ProofPlace,
} from './proof-files.ts';

/**
 * Proofs of answers already given, by receipt hash. They are a convenience: an answer never waits for its proof to be on disk and
 * never fails with it. The newest are kept, up to a count and a size; entries are appended to files and the oldest file goes first.
 */
export interface ProofStore {
  /** Takes a proof; it can be had at once and is on disk soon. `make` runs later, outside the answer's path. */
  keep(receipt: string, make: () => Bundle): void;
  /** The exact bundle file, or null when there is none. */
  get(receipt: string): Promise<string | null>;
  /** Resolves when all that was taken is on disk or given up. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

export interface ProofStoreOptions {
  directory: string;
  log: Log;
  metrics: Metrics;
  limits?: Partial<ProofLimits>;
}

interface ProofLimits {
  kept: number;
  bytes: number;
  fileBytes: number;
  waiting: number;
}

interface State extends ProofStoreOptions {
  limit: ProofLimits;
  files: ProofFile[];
  places: Map<string, ProofPlace>;
  waiting: Map<string, () => Bundle>;
  handle: FileHandle | null;
  running: Promise<void> | null;
  /** Why proofs were given up, as logged; cleared by a round without trouble, so that a full disk fills no log. */
  trouble: string;
  /** Proofs given up in this round. */
  lost: number;
}

// A file ends after this share of the count, so that dropping the oldest file drops little.
const FILES_FOR_COUNT = 16;

/** Opens the proofs of a folder, which it makes if needed. */
export async function openProofStore(options: ProofStoreOptions): Promise<ProofStore> {
  const defaults = { kept: proofsKeptMax, bytes: proofsKeptBytesMax, fileBytes: proofFileBytesMax, waiting: proofsWaitingMax };
  const scanned = await scanProofs(options.directory);
  const limit = { ...defaults, ...options.limits };
  const state: State = { ...options, ...scanned, limit, waiting: new Map(), handle: null, running: null, trouble: '', lost: 0 };
  await dropOldest(state);
  return {
    keep: (receipt, make) => keep(state, receipt, make),
    get: (receipt) => get(state, receipt),
    settled: () => settled(state),
    async close() {
      await settled(state);
      await state.handle?.close();
      state.handle = null;
    },
  };
}

function keep(state: State, receipt: string, make: () => Bundle): void {
  if (state.places.has(receipt) || state.waiting.has(receipt)) return;
  if (state.waiting.size >= state.limit.waiting) return giveUp(state, 1, 'more proofs than the disk takes');
  state.waiting.set(receipt, make);
  state.running ??= drain(state);
}

async function get(state: State, receipt: string): Promise<string | null> {
  const waiting = state.waiting.get(receipt);
  if (waiting) return serializeBundle(waiting());
  const place = state.places.get(receipt);
  const payload = place && (await readProof(state.directory, place));
  if (place && !payload) state.log.warn('proof-damaged', { receipt, file: place.file });
  return payload ? serializeBundle(decodeProof(payload)) : null;
}

async function settled(state: State): Promise<void> {
  while (state.running) await state.running;
}

async function drain(state: State): Promise<void> {
  // Answers come first: each round begins in a turn of its own.
  for (await nextTurn(); state.waiting.size > 0; await nextTurn()) {
    const batch = [...state.waiting].slice(0, proofsPerWriteMax);
    try {
      await append(
        state,
        batch.flatMap(([receipt, make]) => encode(state, receipt, make)),
      );
      await dropOldest(state);
    } catch (error) {
      giveUp(state, batch.length, error instanceof Error ? error.message : String(error));
      await state.handle?.close().catch(() => undefined);
      state.handle = null;
    }
    for (const [receipt] of batch) state.waiting.delete(receipt);
  }
  if (state.lost === 0) state.trouble = '';
  state.lost = 0;
  state.running = null;
}

interface Entry {
  receipt: string;
  head: Buffer;
  payload: Buffer;
}

function encode(state: State, receipt: string, make: () => Bundle): Entry[] {
  try {
    const payload = encodeProof(make());
    if (payload.length > bundleBytesMax) throw new RangeError(`a proof of ${payload.length} bytes`);
    return [{ receipt, head: proofHead(receipt, payload), payload }];
  } catch (error) {
    giveUp(state, 1, error instanceof Error ? error.message : String(error));
    return [];
  }
}

async function append(state: State, entries: Entry[]): Promise<void> {
  if (entries.length === 0) return;
  const file = await currentFile(state);
  const bytes = entries.reduce((sum, { head, payload }) => sum + head.length + payload.length, 0);
  const { bytesWritten } = await state.handle!.writev(
    entries.flatMap(({ head, payload }) => [head, payload]),
    file.bytes,
  );
  if (bytesWritten < bytes) throw new Error(`the disk took ${bytesWritten} of ${bytes} bytes`);
  for (const { receipt, head, payload } of entries) {
    state.places.set(receipt, placeOf(head, file.id, file.bytes));
    file.receipts.push(receipt);
    file.bytes += head.length + payload.length;
  }
  state.metrics.proofs.inc({ outcome: 'kept' }, entries.length);
}

/** The file to append to: the newest, or a new one when that is full. */
async function currentFile(state: State): Promise<ProofFile> {
  const { limit, files } = state;
  let file = files.at(-1);
  const full = file && (file.bytes >= limit.fileBytes || file.receipts.length >= Math.ceil(limit.kept / FILES_FOR_COUNT));
  if (!file || full) {
    await state.handle?.close();
    state.handle = null;
    file = { id: (file?.id ?? 0) + 1, bytes: 0, receipts: [] };
    files.push(file);
  }
  state.handle ??= await openForAppend(state.directory, file);
  return file;
}

async function dropOldest(state: State): Promise<void> {
  const { files, places, limit } = state;
  const bytes = () => files.reduce((sum, file) => sum + file.bytes, 0);
  while (files.length > 1 && (bytes() > limit.bytes || places.size > limit.kept)) {
    const oldest = files.shift()!;
    for (const receipt of oldest.receipts) if (places.get(receipt)?.file === oldest.id) places.delete(receipt);
    await removeProofFile(state.directory, oldest.id);
  }
}

function giveUp(state: State, count: number, reason: string): void {
  state.metrics.proofs.inc({ outcome: 'given-up' }, count);
  state.lost += count;
  if (state.trouble === reason) return;
  state.trouble = reason;
  state.log.warn('proofs-not-kept', { reason });
}
