import type { RowChange, WalletDatabase } from '../wallet/database.ts';

const PREFIX = 'account/';

/** One database with the rows of a payer's own wallet and of its accounts. */
export interface AccountRows {
  /** Ids of the accounts that have rows. */
  readonly ids: readonly string[];
  /**
   * The rows of the payer's own wallet (null) or of an account. They are loaded once; closing them does not close the
   * database.
   */
  rows(id: string | null): WalletDatabase;
}

/** Reads all rows of a database, once. Rows of an account are under `account/` and its id (docs/spec/api-keys.md). */
export async function splitRows(database: WalletDatabase): Promise<AccountRows> {
  const loaded = new Map<string | null, [key: string, value: string][]>();
  for (const [key, value] of await database.load()) {
    const id = key.startsWith(PREFIX) ? key.slice(PREFIX.length, key.indexOf('/', PREFIX.length)) : null;
    const rows = loaded.get(id) ?? [];
    rows.push([key.slice(prefixOf(id).length), value]);
    loaded.set(id, rows);
  }
  const ids = [...loaded.keys()].filter((id) => id !== null);
  const take = (id: string | null): [key: string, value: string][] => {
    const rows = loaded.get(id) ?? [];
    loaded.delete(id);
    return rows;
  };
  const under = (id: string | null, change: RowChange): RowChange => ({ ...change, key: `${prefixOf(id)}${change.key}` });
  return {
    ids,
    rows: (id) => ({
      load: async () => take(id),
      write: (changes, options) =>
        database.write(
          changes.map((change) => under(id, change)),
          options,
        ),
      close: async () => undefined,
    }),
  };
}

const prefixOf = (id: string | null): string => (id === null ? '' : `${PREFIX}${id}/`);
