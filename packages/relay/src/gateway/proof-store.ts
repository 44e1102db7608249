import type { FileHandle } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createGroupCommit, type GroupCommit } from '@tributary/runtime';
import type { Log } from '../observe/log.ts';
import type { Metrics } from '../observe/metrics.ts';
import { proofFileBytesMax, proofsKeptBytesMax, proofsKeptMax, proofsPerWriteMax, proofsWaitingMax } from './limits.ts';
import {
  encodeProof,
  layOut,
  openForAppend,
  readProof,
  removeProofFile,
  scanProofs,
  type NewProof,
  type Proof,
  type ProofFile,
  type ProofPlace,
} from './proof-files.ts';

/**
 * Proofs of earlier answers, by receipt hash. They are a convenience: an answer never waits for its proof and never
 * fails with it. The newest are kept, up to a count and a size. Entries are appended to files, and the oldest file is
 * deleted first.
 */
export interface ProofStore {
  /** Takes a proof. It is available at once and on disk soon. `make` runs later, so that the answer does not wait. */
  keep(receipt: string, make: () => Proof): void;
  /** Null when there is none. */
  get(receipt: string): Promise<Proof | null>;
  /** Resolves when all proofs are on disk or dropped. */
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
  waiting: Map<string, () => Proof>;
  handle: FileHandle | null;
  /**
   * Why proofs were dropped, as logged. The next group that reaches the disk clears it, so that a full disk does not
   * fill the log.
   */
  trouble: string;
}

// A file is closed at this share of the count, so that deleting the oldest file removes few proofs.
const FILES_FOR_COUNT = 16;

/** Opens the proofs in a folder, which is created if it does not exist. */
export async function openProofStore(options: ProofStoreOptions): Promise<ProofStore> {
  const defaults = { kept: proofsKeptMax, bytes: proofsKeptBytesMax, fileBytes: proofFileBytesMax, waiting: proofsWaitingMax };
  const scanned = await scanProofs(options.directory);
  const limit = { ...defaults, ...options.limits };
  const state: State = { ...options, ...scanned, limit, waiting: new Map(), handle: null, trouble: '' };
  await dropOldest(state);
  const commits = createCommits(state);
  return {
    keep: (receipt, make) => keep(state, commits, receipt, make),
    get: (receipt) => get(state, receipt),
    settled: () => commits.idle(),
    async close() {
      await commits.idle();
      await state.handle?.close();
      state.handle = null;
    },
  };
}

/**
 * Waiting proofs are appended together. A proof is read only when its place is known, so a failed write loses only its
 * own group.
 */
function createCommits(state: State): GroupCommit<NewProof[]> {
  return createGroupCommit<NewProof[]>({
    begin: () => [],
    async write(proofs) {
      if (proofs.length === 0) return;
      await append(state, proofs);
      await dropOldest(state);
      state.trouble = '';
    },
    async recover() {
      await state.handle?.close().catch(() => undefined);
      state.handle = null;
    },
    turn: nextTurn, // answers come first
    groupMax: proofsPerWriteMax,
    waitingMax: state.limit.waiting,
    overloaded: () => new Error('more proofs than the disk takes'),
    failed: (cause) => cause,
  });
}

function keep(state: State, commits: GroupCommit<NewProof[]>, receipt: string, make: () => Proof): void {
  if (state.places.has(receipt) || state.waiting.has(receipt)) return;
  state.waiting.set(receipt, make);
  commits
    .submit((proofs) => void proofs.push(encodeProof(receipt, make())))
    .catch((error: unknown) => giveUp(state, error instanceof Error ? error.message : String(error)))
    .finally(() => state.waiting.delete(receipt));
}

async function get(state: State, receipt: string): Promise<Proof | null> {
  const waiting = state.waiting.get(receipt);
  if (waiting) return waiting();
  const place = state.places.get(receipt);
  const proof = place ? await readProof(state.directory, place) : null;
  if (place && !proof) state.log.warn('proof-damaged', { receipt, file: place.file });
  return proof;
}

async function append(state: State, proofs: NewProof[]): Promise<void> {
  const file = await currentFile(state);
  const { buffers, bytes, places, written } = layOut(proofs, file.id, file.bytes, file.parts);
  const { bytesWritten } = await state.handle!.writev([...buffers], file.bytes);
  if (bytesWritten < bytes) throw new Error(`the disk took ${bytesWritten} of ${bytes} bytes`);
  for (const [receipt, place] of places) {
    state.places.set(receipt, place);
    file.receipts.push(receipt);
  }
  for (const [part, span] of written) file.parts.set(part, span);
  file.bytes += bytes;
  state.metrics.proofs.inc({ outcome: 'kept' }, proofs.length);
}

/** The file to append to: the newest, or a new one when that is full. */
async function currentFile(state: State): Promise<ProofFile> {
  const { limit, files } = state;
  let file = files.at(-1);
  const full = file && (file.bytes >= limit.fileBytes || file.receipts.length >= Math.ceil(limit.kept / FILES_FOR_COUNT));
  if (!file || full) {
    await state.handle?.close();
    state.handle = null;
    file = { id: (file?.id ?? 0) + 1, bytes: 0, receipts: [], parts: new WeakMap() };
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

function giveUp(state: State, reason: string): void {
  state.metrics.proofs.inc({ outcome: 'given-up' });
  if (state.trouble === reason) return;
  state.trouble = reason;
  state.log.warn('proofs-not-kept', { reason });
}
