import type { Random } from '../../fuzz/random.ts';
import type { Content } from '../world/content.ts';
import type { World } from '../world/world.ts';
import { makeBackups } from './backups.ts';
import { createBook } from './book.ts';
import { uploadDocuments } from './documents.ts';
import { changeKeys } from './keys.ts';
import { askByKey, askBySdk } from './questions.ts';
import { writeRecords } from './records.ts';
import type { Memory, Work } from './types.ts';

/** @param refusals codes that callers may get in this storm, beside those of any */
export function createMemory({ keys }: Content, refusals: readonly string[] = []): Memory {
  return {
    keys,
    refusals: new Set(refusals),
    records: createBook(),
    documents: createBook(),
    apiKeys: createBook(),
    backups: createBook(),
    files: new Map(),
    receipts: new Set(),
    unanswered: new Map(),
    version: 0,
    tally: { asked: 0, answered: 0, recovered: 0, writes: 0, refused: 0, restarts: 0 },
    violations: [],
  };
}

/** A load that runs until it is ended. */
export interface Load {
  /** Lets each worker finish what it does. */
  end(): Promise<void>;
}

/** Starts the mixed load: questions of two keys and of the SDK, writes, uploads, key changes and backups. */
export function startLoad(world: World, memory: Memory, random: Random): Load {
  const state = { over: false };
  const work: Work = { world, memory, random, over: () => state.over };
  const [first, second] = memory.keys;
  const workers = [
    askByKey(work, first),
    askByKey(work, first),
    askByKey(work, second),
    askBySdk(work),
    askBySdk(work),
    writeRecords(work, 0),
    writeRecords(work, 1),
    uploadDocuments(work),
    changeKeys(work),
    makeBackups(work),
  ];
  return {
    end: async () => {
      state.over = true;
      await Promise.all(workers);
    },
  };
}
