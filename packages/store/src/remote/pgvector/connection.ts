import { DatabaseError, Pool, type PoolClient } from 'pg';
import { StoreError } from '../../errors.ts';
import { engineConnectMs, engineConnectionsMax, engineScanTuplesMax, engineSearchWidth } from '../../limits.ts';

/** A row, in the order of its columns. */
export type Row = readonly unknown[];

/** Runs one statement. Buffers are sent as they are, which is the binary form of a vector. */
export type Run = (sql: string, values?: readonly unknown[], timeoutMs?: number) => Promise<{ rows: Row[]; count: number }>;

/** Connections to one server. They are opened when they are needed. */
export interface Connections {
  /**
   * Lends a connection.
   *
   * @param width nodes that walks of a graph keep in view
   * @throws StoreError ENGINE_UNREACHABLE, ENGINE_REFUSED
   */
  use<T>(timeoutMs: number, work: (run: Run) => Promise<T>, width?: number): Promise<T>;
  /** The same, in one transaction. */
  change<T>(timeoutMs: number, work: (run: Run) => Promise<T>): Promise<T>;
  cancel(): void;
  close(): Promise<void>;
}

/** The default answers a filter of 10 % with less than half of what it should, and does not say so. */
const session = (width: number): string =>
  [
    `SET hnsw.iterative_scan = relaxed_order`,
    `SET hnsw.ef_search = ${width}`,
    `SET hnsw.max_scan_tuples = ${engineScanTuplesMax}`,
  ].join('; ');

/** The largest `hnsw.ef_search` that pgvector takes (its README, section HNSW). */
const WIDTH_MAX = 1_000;

/** @param url `postgres://…`. It may hold a password, so no message has it */
export function openConnections(url: string): Connections {
  const server = serverOf(url);
  const pool = new Pool({
    connectionString: url,
    max: engineConnectionsMax,
    connectionTimeoutMillis: engineConnectMs,
    application_name: 'tributary',
  });
  // A connection that breaks between statements is noticed by the next one.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  /** The width that each connection was told last. */
  const widths = new WeakMap<PoolClient, number>();
  const lent = new Set<PoolClient>();

  const use: Connections['use'] = async (timeoutMs, work, width) => {
    let client: PoolClient | null = null;
    try {
      client = await pool.connect();
      lent.add(client);
      const run = runOn(client, timeoutMs);
      // What is no walk leaves the width as it is.
      const wanted = Math.min(width ?? widths.get(client) ?? engineSearchWidth, WIDTH_MAX);
      if (widths.get(client) !== wanted) await run(session(wanted));
      widths.set(client, wanted);
      const result = await work(run);
      lent.delete(client);
      client.release();
      return result;
    } catch (cause) {
      if (client !== null) lent.delete(client);
      // After an error nobody knows what the connection is in the middle of.
      client?.release(true);
      throw explain(cause, server);
    }
  };
  return {
    use,
    change: (timeoutMs, work) =>
      use(timeoutMs, async (run) => {
        await run('BEGIN');
        const result = await work(run);
        await run('COMMIT');
        return result;
      }),
    cancel() {
      for (const client of lent)
        (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
    },
    close: () => pool.end(),
  };
}

const runOn =
  (client: PoolClient, defaultMs: number): Run =>
  async (text, values = [], timeoutMs = defaultMs) => {
    const query = { text, values: [...values], rowMode: 'array' as const, query_timeout: timeoutMs };
    const { rows, rowCount } = await client.query<unknown[]>(query);
    return { rows, count: rowCount ?? 0 };
  };

/** Host, port and database of an address, without user and password. */
function serverOf(url: string): string {
  const { host, pathname } = new URL(url);
  return `PostgreSQL at ${host}${pathname}`;
}

/** Classes of SQLSTATE that say: later. Connection, resources, operator intervention. */
const LATER = /^(?:08|53|57)/;

function explain(cause: unknown, server: string): StoreError {
  if (cause instanceof StoreError) return cause;
  const { message, code } = cause as { message?: string; code?: string };
  const why = message === undefined || message === '' ? (code ?? 'no connection') : message;
  if (cause instanceof DatabaseError && !LATER.test(code ?? ''))
    return new StoreError('ENGINE_REFUSED', `${server} refused: ${why}`);
  return new StoreError('ENGINE_UNREACHABLE', `${server} cannot be reached: ${why}`);
}
