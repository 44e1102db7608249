import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from '@tributary/runtime';
import { checkShape, embeddingFault, parseJson, type EmbeddingFault } from '@tributary/schemas';
import { ClientError } from '../errors.ts';
import { faultBytesMax, faultsKeptMax } from './limits.ts';

/** One line about a fault. */
export type FaultNote = Pick<EmbeddingFault, 'at' | 'provider' | 'model' | 'cosine'> & {
  /** The file with the evidence; null when it is only in memory. */
  file: string | null;
};

/** Evidence against providers that sold false vectors. Whoever is in it is asked for none. */
export interface FaultStore {
  /** @param did the owner */
  has(did: string): boolean;
  /** Oldest first. */
  notes(): FaultNote[];
  /**
   * Keeps the first fault of each owner. It counts at once; resolves when it is on disk.
   *
   * @throws TributaryError DISK_WRITE
   */
  add(fault: EmbeddingFault): Promise<void>;
  /** Deletes the evidence against an owner, who may then be asked again. False when there is none. */
  forgive(did: string): Promise<boolean>;
}

/** Faults in memory only. */
export const memoryFaults = (): FaultStore => createStore(new Map(), null);

/**
 * Faults in a folder, one file for each owner.
 *
 * @throws ClientError WALLET_DAMAGED
 */
export async function openFaultStore(directory: string): Promise<FaultStore> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const notes = new Map<string, FaultNote>();
  const found: FaultNote[] = [];
  for (const name of await readdir(directory)) if (name.endsWith('.json')) found.push(await readNote(join(directory, name)));
  for (const note of found.toSorted((a, b) => a.at - b.at)) notes.set(note.provider, note);
  return createStore(notes, directory);
}

function createStore(notes: Map<string, FaultNote>, directory: string | null): FaultStore {
  const remove = async (did: string): Promise<boolean> => {
    const note = notes.get(did);
    if (note?.file) await rm(note.file, { force: true });
    return notes.delete(did);
  };
  return {
    has: (did) => notes.has(did),
    notes: () => [...notes.values()],
    async add(fault) {
      if (notes.has(fault.provider)) return;
      // The part of a DID after its method has only letters and digits.
      const file = directory === null ? null : join(directory, `${fault.provider.slice('did:key:'.length)}.json`);
      const { at, provider, model, cosine } = fault;
      notes.set(provider, { at, provider, model, cosine, file });
      if (file !== null) await replaceFile(file, JSON.stringify(checkShape(embeddingFault, fault, 'the record of a fault')));
      const [oldest] = notes.keys();
      if (notes.size > faultsKeptMax && oldest !== undefined) await remove(oldest);
    },
    forgive: remove,
  };
}

async function readNote(file: string): Promise<FaultNote> {
  try {
    const { at, provider, model, cosine } = checkShape(
      embeddingFault,
      parseJson(await readFile(file), 'the record of a fault', faultBytesMax),
      'the record of a fault',
    );
    return { at, provider, model, cosine, file };
  } catch (cause) {
    throw new ClientError('WALLET_DAMAGED', `${file} is no record of a fault that can be read; restore it, or delete it`, {
      cause,
    });
  }
}
