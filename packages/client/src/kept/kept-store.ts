import { stat } from 'node:fs/promises';
import { openRows, RowsError } from '@tributary/runtime';
import { ClientError } from '../errors.ts';
import { createKeptAnswers } from './kept.ts';
import { keptAllBytesMax } from './limits.ts';
import { loadFacts, type KeptRows, type StoredFacts } from './rows.ts';
import type { KeptAnswers, KeptStore } from './types.ts';

export interface KeptOptions {
  directory: string;
  /** Unix milliseconds, by a clock that passes over jumps. */
  now(): number;
  /** Opens the rows in `directory`. Default: on disk. */
  open?: (directory: string) => Promise<KeptRows>;
  /** Most bytes of all accounts together. Default: `keptAllBytesMax`. */
  bytesMax?: number;
}

/**
 * Opens the kept answers in a folder. Most clients never keep one, so the folder is created with the first.
 *
 * @throws ClientError WALLET_DAMAGED
 */
export async function openKeptStore({ directory, now, open, bytesMax = keptAllBytesMax }: KeptOptions): Promise<KeptStore> {
  let opened: Promise<KeptRows> | null = null;
  const rows = (): Promise<KeptRows> =>
    (opened ??= (open ?? openRows)(directory).catch((cause: unknown) => {
      opened = null; // the next answer tries again
      return refuse(directory, cause);
    }));
  const onDisk = stat(directory).then(
    () => true,
    () => false,
  );
  const exists = open !== undefined || (await onDisk);
  const stored = exists ? await load(await rows(), directory) : new Map<string | null, StoredFacts[]>();
  const accounts = new Map<string | null, KeptAnswers>();
  const everybody = new Map<string | null, Map<string, StoredFacts>>();
  const of = (id: string | null): KeptAnswers => {
    const answers = accounts.get(id) ?? createKeptAnswers({ id, rows, now, everybody, bytesMax, stored: stored.get(id) ?? [] });
    accounts.set(id, answers);
    return answers;
  };
  for (const id of stored.keys()) of(id); // what they keep counts
  return {
    of,
    close: async () => (await opened)?.close(),
  };
}

async function load(rows: KeptRows, directory: string): Promise<Map<string | null, StoredFacts[]>> {
  try {
    const all = new Map<string | null, StoredFacts[]>();
    for (const { account, facts } of await loadFacts(rows)) all.set(account, [...(all.get(account) ?? []), facts]);
    return all;
  } catch (cause) {
    await rows.close();
    return refuse(directory, cause);
  }
}

function refuse(directory: string, cause: unknown): never {
  const why =
    cause instanceof RowsError && cause.trouble === 'locked'
      ? 'another process holds them'
      : `they are damaged or cannot be read (${cause instanceof Error ? cause.message : 'unknown'}); restore a backup`;
  throw new ClientError('WALLET_DAMAGED', `the kept answers in ${directory} cannot be opened: ${why}`, { cause });
}
