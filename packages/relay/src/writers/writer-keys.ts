import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ed25519PublicKey } from '@tributary/proof/primitives';
import { didFromPublicKey, fingerprint } from '@tributary/proof/statements';
import { openKeyFile, type DataFolder } from '@tributary/runtime';
import { TributaryError } from '@tributary/schemas';
import type { WriterKey } from '@tributary/store';

/** Keys of writers that a node signs with on their behalf (docs/spec/writers.md#at-a-node). */
export interface WriterKeys {
  /** did:key of each writer, in no order. */
  list(): string[];
  find(did: string): WriterKey | undefined;
  /**
   * Makes the key of a new writer; returns its did:key. On disk once resolved.
   *
   * @throws TributaryError KEY_FILE, DISK_WRITE
   */
  create(): Promise<string>;
}

/**
 * Reads the keys in a folder of their own, one file each.
 *
 * @param folder notes them, so that one that is lost later is missed
 * @throws TributaryError KEY_FILE when a file is damaged or others may read it; DISK_WRITE
 */
export async function openWriterKeys(
  directory: string,
  randomBytes: (length: number) => Uint8Array,
  folder: Pick<DataFolder, 'noteKeys'>,
): Promise<WriterKeys> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const keys = new Map<string, WriterKey>();
  const keep = (seed: Uint8Array): string => {
    const did = didFromPublicKey(ed25519PublicKey(seed));
    keys.set(did, { did, seed });
    return did;
  };
  // A file that was being made has another ending.
  for (const name of (await readdir(directory)).filter((file) => file.endsWith('.key'))) {
    const seed = await readKey(directory, name);
    keep(seed);
    await folder.noteKeys({ [partName(seed)]: seed });
  }
  return {
    list: () => [...keys.keys()],
    find: (did) => keys.get(did),
    async create() {
      const fresh = randomBytes(32);
      const seed = await openKeyFile(join(directory, keyFileName(fresh)), () => fresh);
      await folder.noteKeys({ [partName(seed)]: seed });
      return keep(seed);
    },
  };
}

/** The name of a key says which one it is. */
async function readKey(directory: string, name: string): Promise<Uint8Array> {
  const path = join(directory, name);
  const seed = await openKeyFile(path, null);
  if (name === keyFileName(seed)) return seed;
  throw new TributaryError('KEY_FILE', `the key file ${path} is damaged: it holds another key; restore it from a backup`);
}

const keyFileName = (seed: Uint8Array): string => `${fingerprint(ed25519PublicKey(seed))}.key`;
const partName = (seed: Uint8Array): string => `writers/${fingerprint(ed25519PublicKey(seed))}`;
