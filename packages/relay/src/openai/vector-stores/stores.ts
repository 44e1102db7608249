import { createBatches, type Batches } from './batches.ts';
import { createEntries, type Entries } from './entries.ts';
import { createJobs } from '../../rows/jobs.ts';
import { processFile } from './process-file.ts';
import { createState, keyOf, type State, type VectorStoresOptions } from './state.ts';
import type { StoreRow } from './types.ts';

type Description = Pick<StoreRow, 'name' | 'description' | 'metadata'>;

/** The vector stores of a node: own indexes, with rows for the files in them. */
export interface VectorStores extends Entries, Batches {
  /** `mayMake` is called with the name of its index before it is created. */
  create(described: Description, mayMake: (index: string) => void): Promise<StoreRow>;
  all(): StoreRow[];
  /** @throws StoreError INDEX_NOT_FOUND */
  get(id: string): StoreRow;
  update(id: string, change: Partial<Description>): Promise<StoreRow>;
  /** @throws StoreError STORE_BUSY */
  remove(id: string): Promise<void>;
  /** Notes that it was used. */
  touch(id: string): void;
  close(): Promise<void>;
}

/** Opens the vector stores. Stores that a crash left half created are removed, and unfinished jobs continue. */
export async function openVectorStores(options: VectorStoresOptions): Promise<VectorStores> {
  const unready = options.readOnly ? [] : options.stores.all().filter(({ state }) => state !== 'ready');
  for (const store of unready) await removeStore(options, store);
  const jobs = createJobs({ run: (key, signal) => run(options, key, signal) });
  const unfinished = options.readOnly ? [] : options.entries.all();
  for (const { id, store } of unfinished) jobs.add(keyOf(store, id)); // those that are done end at once
  const state = createState(options, jobs);
  return { ...createStores(state), ...createEntries(state), ...createBatches(state), close: () => jobs.close() };
}

function createStores(state: State): Omit<VectorStores, keyof Entries | keyof Batches | 'close'> {
  const { options, jobs, get, entries, makeId } = state;
  const { own, stores, write, now } = options;
  return {
    async create(described, mayMake) {
      const digits = makeId('');
      const index = `vs-${digits}`;
      mayMake(index);
      const made: StoreRow = { ...described, id: `vs_${digits}`, index, state: 'making', created: now(), active: now() };
      await write([stores.put(made.id, made)]);
      try {
        await own.create({ name: index, title: described.name, description: described.description });
      } catch (error) {
        await write([stores.drop(made.id)]);
        throw error;
      }
      const ready: StoreRow = { ...made, state: 'ready' };
      await write([stores.put(made.id, ready)]);
      return ready;
    },
    all: () => stores.all().filter((store) => store.state === 'ready'),
    get,
    async update(id, change) {
      const changed: StoreRow = { ...get(id), ...change, active: now() };
      await write([stores.put(id, changed)]);
      return changed;
    },
    async remove(id) {
      const store = get(id);
      const keys = entries(id).map((one) => keyOf(id, one.id));
      await write([stores.put(id, { ...store, state: 'removing' })]);
      await Promise.all(keys.map((key) => jobs.stop(key)));
      try {
        await removeStore(options, store);
      } catch (error) {
        await write([stores.put(id, store)]);
        for (const key of keys) jobs.add(key);
        throw error;
      }
    },
    touch: (id) => stores.put(id, { ...get(id), active: now() }).apply(),
  };
}

/** One file of a store. */
async function run({ own, files, stores, entries, write }: VectorStoresOptions, key: string, signal: AbortSignal) {
  const row = entries.get(key);
  const store = row && stores.get(row.store);
  if (row?.status !== 'in_progress' || store?.state !== 'ready') return 'done';
  try {
    const file = files.get(row.id);
    const gone = { status: 'failed', usage: 0, error: { code: 'invalid_file', message: 'the file was deleted' } } as const;
    const processed = file === undefined ? gone : await processFile(own, store.index, row, files.pathOf(file), signal);
    if (processed === 'again') return 'again';
    await write([entries.put(key, { ...row, ...processed })]);
    return 'done';
  } catch {
    // Stopped, or the disk or the index is gone: the row stays in progress, and whoever stopped the job continues it.
    return signal.aborted ? 'done' : 'again';
  }
}

async function removeStore(
  { own, stores, entries, batches, write }: VectorStoresOptions,
  { id, index }: StoreRow,
): Promise<void> {
  if (own.idOf(index) !== undefined) await own.remove(index);
  const gone = entries.all().filter(({ store }) => store === id);
  const batchesGone = batches.all().filter(({ store }) => store === id);
  await write([
    ...gone.map((one) => entries.drop(keyOf(id, one.id))),
    ...batchesGone.map((one) => batches.drop(one.id)),
    stores.drop(id),
  ]);
}
