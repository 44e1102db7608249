import { TributaryError } from '@tributary/schemas';
import { Client, DatabaseError, escapeIdentifier, escapeLiteral, types, type ClientConfig } from 'pg';
import { z } from 'zod';
import { sourceQueryTimeoutMs, sourceTimeoutMs } from '../limits.ts';
import { refuse } from '../to-record.ts';
import type { Page, Source, SourceFacts, SourceRecord } from '../types.ts';
import { readJson } from './json.ts';
import { pageSize } from './page-size.ts';
import { components, fields, readShape } from './shapes.ts';

export interface PgvectorOptions {
  /** `table` or `schema.table`. */
  table?: string;
  /** A query in place of a table. */
  query?: string;
  idColumn: string;
  vectorColumn: string;
  /** Its object is the metadata, beside the other columns. */
  metadataColumn: string;
}

type Row = Record<string, unknown>;
const cursorShape = z.strictObject({ after: z.string() });
const counted = z.object({ count: z.coerce.number().int().min(0) });

/**
 * A table or query of PostgreSQL with the extension pgvector. Rows are read in the order of their ids, by a cursor in a
 * transaction that only reads.
 *
 * @param connection `postgres://…`, or undefined for the variables of libpq (PGHOST, PGDATABASE, …)
 * @throws TributaryError USAGE
 */
export function pgvectorSource(options: PgvectorOptions, connection: string | undefined): Source {
  const from = fromOf(options);
  const client = open(connection);
  const { host, port, database = '' } = client;
  const { table, query, idColumn, vectorColumn, metadataColumn } = options;
  let isConnected = false;
  const ask = async (sql: string, values: readonly string[] = []): Promise<Row[]> => {
    try {
      if (!isConnected) await client.connect();
      isConnected = true;
      return (await client.query<Row>(sql, [...values])).rows;
    } catch (cause) {
      throw explain(cause, `${host}:${port}`);
    }
  };
  return {
    name: {
      kind: 'pgvector',
      server: `${host}:${port}`,
      database,
      from: table ?? query ?? '',
      idColumn,
      vectorColumn,
      metadataColumn,
    },
    async describe() {
      const [row] = await ask(`SELECT * FROM ${from} WHERE ${escapeIdentifier(options.vectorColumn)} IS NOT NULL LIMIT 1`);
      const [{ count } = { count: 0 }] = (await ask(`SELECT count(*) FROM ${from}`)).map((one) => readShape(counted, one));
      return {
        dimension: row === undefined ? null : dimensionOf(row, options),
        metric: null,
        total: count,
        namespaces: [''],
        version: '',
      };
    },
    pages: (cursor, facts, { signal }) => readPages(ask, from, options, { cursor, facts, signal }),
    async count() {
      const [row] = await ask(`SELECT count(*) FROM ${from}`);
      return readShape(counted, row).count;
    },
    async close() {
      // After a stop the transaction is still open.
      if (isConnected) await client.query('ROLLBACK').catch(() => undefined);
      await client.end().catch(() => undefined);
    },
  };
}

function fromOf({ table, query }: PgvectorOptions): string {
  if ((table === undefined) === (query === undefined))
    throw new TributaryError('USAGE', 'give --table with the name of a table, or --query with a query');
  return table === undefined ? `(${query}) AS source` : table.split('.').map(escapeIdentifier).join('.');
}

function open(connection: string | undefined): Client {
  const config: ClientConfig = {
    ...(connection === undefined ? {} : { connectionString: connection }),
    connectionTimeoutMillis: sourceTimeoutMs,
    query_timeout: sourceQueryTimeoutMs,
    application_name: 'tributary import',
    types: { getTypeParser },
  };
  try {
    const client = new Client(config);
    // An idle connection that breaks is noticed by the next query.
    client.on('error', () => undefined);
    return client;
  } catch {
    // The message of the library may hold the password.
    throw new TributaryError('USAGE', 'DATABASE_URL is not an address such as postgres://user:password@host:5432/database');
  }
}

const [INT8, DATE, TIMESTAMP] = [20, 1082, 1114];

/** The library would make text of large integers, and local times of dates without a zone. */
const getTypeParser = ((oid: number, format?: 'text' | 'binary') => {
  if (oid === INT8) return (text: string) => BigInt(text);
  if (oid === DATE || oid === TIMESTAMP) return (text: string) => text.replace(' ', 'T');
  return types.getTypeParser(oid, format);
}) as NonNullable<ClientConfig['types']>['getTypeParser'];

function explain(cause: unknown, server: string): TributaryError {
  const why = cause instanceof Error ? cause.message : String(cause);
  if (cause instanceof DatabaseError)
    return new TributaryError('SOURCE_RESPONSE', `PostgreSQL at ${server} refused: ${why}`, { cause });
  return new TributaryError('SOURCE_UNREACHABLE', `PostgreSQL at ${server} cannot be reached: ${why}`, { cause });
}

function dimensionOf(row: Row, { idColumn, vectorColumn }: PgvectorOptions): number {
  try {
    if (!(idColumn in row))
      throw new Error(`there is no column '${idColumn}'; there are ${Object.keys(row).slice(0, 20).join(', ')}`);
    return readVector(row[vectorColumn]).length;
  } catch (cause) {
    throw new TributaryError('SOURCE_RESPONSE', `the table cannot be imported: ${(cause as Error).message}`, { cause });
  }
}

async function* readPages(
  ask: (sql: string, values?: readonly string[]) => Promise<Row[]>,
  from: string,
  options: PgvectorOptions,
  { cursor, facts, signal }: { cursor: string | null; facts: SourceFacts; signal: AbortSignal },
): AsyncGenerator<Page> {
  const id = escapeIdentifier(options.idColumn);
  const after = cursor === null ? null : readShape(cursorShape, JSON.parse(cursor)).after;
  await ask('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  // A cursor takes no parameters, so the id is quoted as a literal.
  const rest = after === null ? '' : `WHERE ${id} > ${escapeLiteral(after)} `;
  await ask(`DECLARE tributary NO SCROLL CURSOR FOR SELECT * FROM ${from} ${rest}ORDER BY ${id}`);
  const size = pageSize(facts.dimension);
  for (let last = after ?? ''; ;) {
    signal.throwIfAborted();
    const rows = await ask(`FETCH FORWARD ${size} FROM tributary`);
    if (rows.length === 0) break;
    const page: Page = { namespace: '', records: [], refused: [], cursor: '', done: null };
    for (const row of rows) last = add(page, row, options) ?? last;
    yield { ...page, cursor: JSON.stringify({ after: last }) };
  }
  await ask('COMMIT');
}

/** Returns the id as text; null when there is none. */
function add(page: Page, row: Row, options: PgvectorOptions): string | null {
  const id = row[options.idColumn];
  if (id === null || id === undefined) {
    page.refused.push(refuse('a row', 'it has no id'));
    return null;
  }
  const name = typeof id === 'object' ? JSON.stringify(id) : String(id as string | number | bigint);
  try {
    page.records.push(readRow(name, row, options));
  } catch (error) {
    page.refused.push(refuse(name, (error as Error).message));
  }
  return name;
}

function readRow(id: string, row: Row, { idColumn, vectorColumn, metadataColumn }: PgvectorOptions): SourceRecord {
  const { [idColumn]: _, [vectorColumn]: vector, [metadataColumn]: metadata, ...others } = row;
  const held = metadata === null || metadata === undefined ? {} : readShape(fields, metadata);
  return { id, vector: vector === null ? null : readVector(vector), text: null, metadata: { ...held, ...others } };
}

/** `vector` and `halfvec` come as text, such as `[1,2.5]`; arrays of numbers come as lists. */
function readVector(value: unknown): Float32Array {
  const list = typeof value === 'string' && value.startsWith('[') ? readJson(value) : value;
  try {
    return Float32Array.from(readShape(components, list));
  } catch {
    throw new Error('its vector is not of the type vector, halfvec or an array of numbers');
  }
}
