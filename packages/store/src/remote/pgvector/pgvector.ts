import { createHash, randomBytes } from 'node:crypto';
import { StoreError } from '../../errors.ts';
import { engineBuildMs, engineDimensionMax, engineQueryMs, engineWriteMs } from '../../limits.ts';
import type { IndexSettings } from '../../types.ts';
import type { Place, RemoteChange, RemoteEngine, RemoteQuery, RemoteRow } from '../types.ts';
import { openConnections, type Row, type Run } from './connection.ts';
import { vectorType, type VectorType } from './encode.ts';

/** Table of places: one row for each index that follows into this database. */
const PLACES = 'tributary_indexes';
/** Earlier versions have no iterative scan. */
const VERSION_MIN = [0, 8];

/** What the statements of one index share. */
interface Table {
  readonly index: string;
  readonly name: string;
  readonly type: VectorType;
  /** Marks what this process writes. */
  readonly holder: string;
}

/**
 * PostgreSQL with the extension pgvector, or a distributed engine that speaks as it does. One table for each index:
 * slot, version, namespace and vector. Texts, ids and metadata stay here.
 *
 * @param url `postgres://user:password@host:5432/database`
 * @throws StoreError ENGINE_REFUSED when the vectors are too long
 */
export function createPgvector(url: string, settings: Pick<IndexSettings, 'id' | 'dimension' | 'metric'>): RemoteEngine {
  const { id, dimension, metric } = settings;
  const table: Table = {
    index: id,
    name: `tributary_${hashOf(id)}`,
    type: vectorType(dimension, metric),
    holder: randomBytes(16).toString('hex'),
  };
  const connections = openConnections(url);
  let hasIndex = false;
  return {
    open: () =>
      connections.change(engineWriteMs, async (run) => {
        refuseLong(dimension);
        await makeTables(run, table);
        await run(`UPDATE ${PLACES} SET holder = $2 WHERE index = $1`, [table.index, table.holder]);
        return readPlace(run, table);
      }),
    place: () => connections.use(engineQueryMs, (run) => readPlace(run, table)),
    cut: (slot) =>
      connections.change(engineWriteMs, async (run) => {
        await movePlace(run, table, null);
        await run(`DELETE FROM ${table.name} WHERE slot >= $1`, [slot]);
      }),
    async apply(changes, place) {
      if (changes.length > 0)
        await connections.change(engineWriteMs, async (run) => {
          await refuseTaken(run, table);
          await write(run, table, changes);
        });
      if (place === null) return;
      // After the first load, because that takes a fraction of the time that inserting row by row takes.
      if (!hasIndex) await connections.use(engineBuildMs, (run) => makeIndex(run, table));
      hasIndex = true;
      await connections.use(engineWriteMs, (run) => movePlace(run, table, place));
    },
    nearest: (query) =>
      query.isExact
        ? connections.change(engineWriteMs, async (run) => {
            await run('SET LOCAL enable_indexscan = off');
            return select(run, table, query);
          })
        : connections.use(engineQueryMs, (run) => select(run, table, query), query.width),
    forget: () =>
      connections.change(engineWriteMs, async (run) => {
        await refuseTaken(run, table);
        await run(`DROP TABLE IF EXISTS ${table.name}`);
        await run(`DELETE FROM ${PLACES} WHERE index = $1`, [table.index]);
      }),
    cancel: () => connections.cancel(),
    close: () => connections.close(),
  };
}

/** A name that PostgreSQL takes as it is. */
const hashOf = (id: string): string => createHash('sha256').update(id).digest('hex').slice(0, 32);

function refuseLong(dimension: number): void {
  if (dimension > engineDimensionMax)
    throw new StoreError(
      'ENGINE_REFUSED',
      `pgvector indexes vectors of at most ${engineDimensionMax} components; this index has ${dimension}: make it without --engine`,
    );
}

async function makeTables(run: Run, { index, name, type }: Table): Promise<void> {
  // Indexes that open together would make the same tables.
  await run(`SELECT pg_advisory_xact_lock(hashtext('tributary'))`);
  const versions = await run(`SELECT extversion FROM pg_extension WHERE extname = 'vector'`);
  if (versions.rows.length === 0) await run('CREATE EXTENSION vector');
  else refuseOld(String(versions.rows[0]![0]));
  await run(
    `CREATE TABLE IF NOT EXISTS ${PLACES} (index text PRIMARY KEY, name text NOT NULL, holder text NOT NULL, snapshot bigint, manifest text)`,
  );
  const columns = `slot integer PRIMARY KEY, version bigint NOT NULL, namespace text NOT NULL, vector ${type.sql} NOT NULL`;
  await run(`CREATE TABLE IF NOT EXISTS ${name} (${columns})`);
  // A table that somebody emptied or restored alone is not known by its place: both are in one row, or neither.
  await run(`INSERT INTO ${PLACES} (index, name, holder) VALUES ($1, $2, '') ON CONFLICT (index) DO NOTHING`, [index, name]);
}

function refuseOld(version: string): void {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > VERSION_MIN[0]! || minor >= VERSION_MIN[1]!) return;
  throw new StoreError('ENGINE_REFUSED', `pgvector ${version} has no iterative scan; update it to 0.8 or newer`);
}

async function readPlace(run: Run, { index, holder }: Table): Promise<Place | null> {
  const { rows } = await run(`SELECT holder, snapshot, manifest FROM ${PLACES} WHERE index = $1`, [index]);
  const [row] = rows;
  if (row === undefined || row[0] !== holder) throw taken(index);
  return row[1] === null ? null : { snapshot: Number(row[1]), manifest: String(row[2]) };
}

async function movePlace(run: Run, { index, holder }: Table, place: Place | null): Promise<void> {
  const sql = `UPDATE ${PLACES} SET snapshot = $3, manifest = $4 WHERE index = $1 AND holder = $2`;
  const { count } = await run(sql, [index, holder, place?.snapshot ?? null, place?.manifest ?? null]);
  if (count === 0) throw taken(index);
}

/** Locks the row, so that nobody takes the place before this transaction ends. */
async function refuseTaken(run: Run, { index, holder }: Table): Promise<void> {
  const sql = `SELECT 1 FROM ${PLACES} WHERE index = $1 AND holder = $2 FOR UPDATE`;
  if ((await run(sql, [index, holder])).rows.length === 0) throw taken(index);
}

const taken = (index: string): StoreError =>
  new StoreError(
    'ENGINE_REFUSED',
    `another process writes index ${index} to the engine, or its rows were removed there; stop the other one, and start this one again`,
  );

async function write(run: Run, { name, type }: Table, changes: readonly RemoteChange[]): Promise<void> {
  const gone = changes.flatMap(({ slot, vector }) => (vector === null ? [slot] : []));
  if (gone.length > 0) await run(`DELETE FROM ${name} WHERE slot = ANY($1::integer[])`, [gone]);
  const values: unknown[] = [];
  const tuples: string[] = [];
  for (const { slot, version, namespace, vector } of changes) {
    if (vector === null) continue;
    const at = values.length;
    tuples.push(`($${at + 1}::integer, $${at + 2}::bigint, $${at + 3}, $${at + 4}::vector)`);
    values.push(slot, version, namespace, type.encode(vector));
  }
  if (tuples.length === 0) return;
  await run(
    `INSERT INTO ${name} AS own (slot, version, namespace, vector) VALUES ${tuples.join(',')}
     ON CONFLICT (slot) DO UPDATE SET version = excluded.version, namespace = excluded.namespace, vector = excluded.vector
     WHERE own.version <> excluded.version OR own.namespace <> excluded.namespace`,
    values,
  );
}

async function makeIndex(run: Run, { name, type: { operators } }: Table): Promise<void> {
  await run(`CREATE INDEX IF NOT EXISTS ${name}_nearest ON ${name} USING hnsw (vector ${operators})`);
}

async function select(run: Run, { name, type }: Table, query: RemoteQuery): Promise<RemoteRow[]> {
  const { vector, namespace, slots, limit } = query;
  const values: unknown[] = [type.encode(vector)];
  const tests: string[] = [];
  if (namespace !== null) tests.push(`namespace = $${values.push(namespace)}`);
  if (slots !== null) tests.push(`slot = ANY($${values.push([...slots])}::integer[])`);
  const where = tests.length === 0 ? '' : ` WHERE ${tests.join(' AND ')}`;
  const asked = type.sql.startsWith('half') ? '$1::vector::halfvec' : '$1::vector';
  const { rows } = await run(
    `SELECT slot, version FROM ${name}${where} ORDER BY vector ${type.distance} ${asked} LIMIT ${limit}`,
    values,
  );
  return rows.map(([slot, version]: Row) => ({ slot: Number(slot), version: Number(version) }));
}
