import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openDatabase } from '@tributary/store';
import { apiKeysMax, type ApiKeyRecord, type ApiKeyTerms } from '@tributary/schemas';
import { RelayError } from '../errors.ts';
import { createRate } from '../policy/rate.ts';
import { openBudgets, type Budgets, type SpentDatabase } from './budgets.ts';
import { anybody, holder } from './caller.ts';
import { openKeysFile, type KeysFile } from './keys-file.ts';
import { recognise, stateOf } from './recognise.ts';
import { newKeyId, newToken } from './token.ts';
import type { ApiKeyInfo, ApiKeys, ShownKey } from './types.ts';

export interface ApiKeysOptions {
  /** Folder that holds the keys and nothing else. */
  directory: string;
  /** Unix milliseconds. */
  now(): number;
  /** The clock of the budgets per day. Default: `now`. */
  dayNow?: () => number;
  randomBytes(length: number): Uint8Array;
  /** Opens the database of spending. Default: rows in the folder `spent`. */
  openDatabase?: (directory: string) => Promise<SpentDatabase>;
}

/**
 * Opens the API keys of a node (docs/spec/api-keys.md). Only one process at a time can hold them.
 *
 * @throws RelayError API_KEYS_DAMAGED; TributaryError KEY_FILE when others may read the file, STORE_LOCKED, DISK_WRITE
 */
export async function openApiKeys(options: ApiKeysOptions): Promise<ApiKeys> {
  const { directory, dayNow = options.now } = options;
  const path = join(directory, 'keys');
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const database = await (options.openDatabase ?? openDatabase)(join(directory, 'spent'));
  try {
    const budgets = await openBudgets(database, dayNow);
    const file = await openKeysFile(path, database);
    const keys = await loadKeys(path, file, budgets, database.readOnly);
    return createApiKeys(keys, budgets, options, (next) => file.write(next));
  } catch (error) {
    await database.close();
    throw error;
  }
}

/**
 * The file and the database must agree. A lost file would open the node to everybody; a lost database would reset every
 * budget.
 */
async function loadKeys(path: string, file: KeysFile, budgets: Budgets, readOnly: boolean): Promise<ApiKeyRecord[]> {
  const keys = await file.read();
  if (keys === null) {
    if (budgets.ids().length > 0)
      throw new RelayError(
        'API_KEYS_DAMAGED',
        `the file of API keys ${path} is missing, but their spending records exist; restore it from a backup`,
      );
    await file.write([]);
    return [];
  }
  const spent = new Set(budgets.ids());
  const lost = keys.find(({ id }) => !spent.has(id));
  if (lost !== undefined)
    throw new RelayError(
      'API_KEYS_DAMAGED',
      `what the API key ${lost.id} spent is lost; restore the folder of ${path} from a backup`,
    );
  const known = new Set(keys.map(({ id }) => id));
  if (!readOnly) await budgets.forget(budgets.ids().filter((id) => !known.has(id))); // made, but never acknowledged
  return keys;
}

interface Change<Result> {
  next: ApiKeyRecord[];
  result: () => Result;
  atOnce?: boolean;
}

function createApiKeys(
  loaded: ApiKeyRecord[],
  budgets: Budgets,
  { now, randomBytes }: ApiKeysOptions,
  write: (keys: ApiKeyRecord[]) => Promise<void>,
): ApiKeys {
  let keys: readonly ApiKeyRecord[] = loaded;
  let queue: Promise<unknown> = Promise.resolve();
  const rate = createRate(apiKeysMax, now);
  const describe = (key: ApiKeyRecord): ApiKeyInfo => toInfo(key, budgets, now());
  const apply = async <Result>(step: () => Promise<Change<Result>>): Promise<Result> => {
    const { next, result, atOnce = false } = await step();
    if (atOnce) keys = next;
    await write(next);
    keys = next;
    return result();
  };
  /**
   * Changes run one at a time and are visible once they are on disk. A change that takes rights away is visible even if
   * the disk fails.
   */
  const change = <Result>(step: () => Promise<Change<Result>>): Promise<Result> => {
    const done = queue.then(() => apply(step));
    queue = done.catch(() => undefined);
    return done;
  };
  const replace = (id: string, edit: (key: ApiKeyRecord) => ApiKeyRecord): { next: ApiKeyRecord[]; edited: ApiKeyRecord } => {
    const edited = edit(find(keys, id));
    return { next: keys.map((key) => (key.id === id ? edited : key)), edited };
  };
  return {
    needed: () => keys.length > 0,
    list: () => keys.map(describe),
    create: (terms) =>
      change(async () => {
        const made = newToken(newKeyId(randomBytes), randomBytes);
        const key = toRecord(terms, made, now());
        const kept = withRoom(keys);
        await budgets.add(key.id);
        return { next: [...kept, key], result: (): ShownKey => ({ key: made.token, info: describe(key) }) };
      }),
    rotate: (id) =>
      change(async () => {
        const made = newToken(id, randomBytes);
        const { next, edited } = replace(id, (key) => ({ ...refuseRevoked(key), hash: made.hash }));
        return { next, result: (): ShownKey => ({ key: made.token, info: describe(edited) }) };
      }),
    revoke: (id) =>
      change(async () => {
        const { next, edited } = replace(id, (key) => ({ ...key, revokedAt: key.revokedAt ?? now() }));
        return { next, result: () => describe(edited), atOnce: true };
      }),
    authenticate(token) {
      if (keys.length === 0) return anybody;
      const key = recognise(keys, token, now());
      const waitMs = key.rate === null ? 0 : rate.take(key.id, key.rate.perMinute, key.rate.burst);
      if (waitMs > 0)
        throw new RelayError(
          'RATE_LIMITED',
          `the API key ${key.id} may call ${key.rate?.perMinute} times a minute; try again in ${waitMs} ms`,
          {
            retryAfterMs: waitMs,
          },
        );
      return holder(key, budgets);
    },
    async close() {
      await queue;
      await budgets.close();
    },
  };
}

function find(keys: readonly ApiKeyRecord[], id: string): ApiKeyRecord {
  const key = keys.find((one) => one.id === id);
  if (key === undefined)
    throw new RelayError('API_KEY_UNKNOWN', `there is no API key '${id}'; list them with: tributary key list`);
  return key;
}

function refuseRevoked(key: ApiKeyRecord): ApiKeyRecord {
  if (key.revokedAt === null) return key;
  throw new RelayError('API_KEY_UNKNOWN', `the API key ${key.id} was revoked and cannot be used again; create a new one`);
}

/** When the list is full, the key that was revoked first is dropped. */
function withRoom(keys: readonly ApiKeyRecord[]): readonly ApiKeyRecord[] {
  if (keys.length < apiKeysMax) return keys;
  const [first] = keys.filter(({ revokedAt }) => revokedAt !== null).toSorted((a, b) => a.revokedAt! - b.revokedAt!);
  if (first === undefined)
    throw new RelayError('CONFIG', `there are ${apiKeysMax} API keys, the most that a node keeps; revoke one first`);
  return keys.filter((key) => key !== first);
}

function toRecord(
  { name, permissions, indexes, budget, rate, writer, expiresAt }: ApiKeyTerms,
  made: { id: string; hash: string },
  createdAt: number,
): ApiKeyRecord {
  return {
    id: made.id,
    name,
    hash: made.hash,
    permissions,
    indexes,
    budget,
    rate,
    writer,
    createdAt,
    expiresAt,
    revokedAt: null,
  };
}

function toInfo(key: ApiKeyRecord, budgets: Budgets, nowMs: number): ApiKeyInfo {
  const { hash: _, ...shown } = key;
  const { total, today } = budgets.spent(key.id);
  return { ...shown, state: stateOf(key, nowMs), spent: { total: String(total), today: String(today) } };
}
