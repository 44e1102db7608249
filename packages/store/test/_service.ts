// An index without threads, on a disk that can be told to fail.
import { join } from 'node:path';
import { openHeadFile, type HeadFile } from '@tributary/runtime';
import { openDatabase, type Database } from '../src/disk/database.ts';
import { makeIndex } from '../src/open/make.ts';
import type { OpenOptions } from '../src/open/types.ts';
import { newSettings } from '../src/disk/settings.ts';
import { graphDefaults } from '../src/search/engine.ts';
import { openService, type IndexService } from '../src/worker/service.ts';
import type { WriteOperation } from '../src/write/types.ts';
import { DIMENSION, OWNER, recordOf, seedOf, sparseOf } from './_helpers.ts';

export const TIME = Date.UTC(2027, 0, 1);
/** With both kinds of vector, so that faults and crashes meet both. */
const index = { name: 'rivers', dimension: DIMENSION, metric: 'dotproduct', vectors: 'both', model: null } as const;
export const SETTINGS = newSettings(index, OWNER.seed, TIME);

/** Builds a graph of few vectors. */
const GRAPH = { ...graphDefaults(DIMENSION), scanned: 0 };

/** Which write fails next, and whether its bytes reach the disk all the same. */
export interface Fault {
  at: 'batch' | 'head' | null;
  persisted: boolean;
  /** Number of earlier writes at that place that succeed. */
  skip?: number;
}

const failed = () => Object.assign(new Error('the disk said no'), { name: 'StoreError', code: 'DISK_WRITE' });

/** Runs a write, or makes it fail as the fault says. A fault happens once. */
async function strike(fault: Fault, at: Fault['at'], write: () => Promise<void>): Promise<void> {
  if (fault.at !== at) return write();
  if ((fault.skip ?? 0) > 0) {
    fault.skip! -= 1;
    return write();
  }
  fault.at = null;
  if (fault.persisted) await write();
  throw failed();
}

export function faultyDisk(fault: Fault): Pick<OpenOptions, 'openDatabase' | 'openHead'> {
  return {
    async openDatabase(directory, options): Promise<Database> {
      const database = await openDatabase(directory, options);
      return { ...database, batch: (operations) => strike(fault, 'batch', () => database.batch(operations)) };
    },
    async openHead(path): Promise<HeadFile> {
      const head = await openHeadFile(path);
      return { ...head, write: (value) => strike(fault, 'head', () => head.write(value)) };
    },
  };
}

export async function makeService(folder: string, more: Partial<OpenOptions> = {}): Promise<IndexService> {
  const options = { directory: join(folder, 'rivers'), settings: SETTINGS, seed: OWNER.seed, graph: GRAPH, ...more };
  await makeIndex({ ...options, making: join(folder, '.creating-rivers'), time: TIME });
  return openService(options, () => undefined);
}

export const reopen = (folder: string, more: Partial<OpenOptions> = {}): Promise<IndexService> =>
  openService(
    { directory: join(folder, 'rivers'), settings: SETTINGS, seed: OWNER.seed, graph: GRAPH, ...more },
    () => undefined,
  );

export const put = (...ids: string[]): WriteOperation[] =>
  ids.map((id) => ({ kind: 'put', record: recordOf(id, { sparse: sparseOf(id) }) }));

export function write(service: IndexService, operations: WriteOperation[], time = TIME) {
  const salts = new Uint8Array(operations.length * 32);
  operations.forEach((_, at) => salts.set(seedOf(`${service.state.published.snapshot}/${at}`), at * 32));
  return service.call('write', { operations, time, custody: 'self', author: null, salts, documents: [] });
}

export async function ids(service: IndexService): Promise<string[]> {
  return (await service.call('list', { namespace: '', prefix: '', limit: 1_000, after: null })).ids;
}
