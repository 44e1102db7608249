// `tributary import pgvector`, over PostgreSQL's protocol from PGlite: PostgreSQL with the extension vector, in this
// process.
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite/vector';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import { vectorFromBase64url } from '@tributary/proof/primitives';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { openTarget, reportOf, type Target } from './_import.ts';

const DIMENSION = 12;
const ROWS = 2_600;
const PASSWORD = 'secret-of-this-test';

let target: Target;
let database: PGlite;
let server: PGLiteSocketServer;
beforeAll(async () => {
  target = await openTarget();
  database = await PGlite.create({ extensions: { vector } });
  await database.exec(`CREATE EXTENSION vector; CREATE SCHEMA "my shop";
    CREATE TABLE "my shop"."items" (id bigint PRIMARY KEY, embedding vector(${DIMENSION}), body text, metadata jsonb,
      sold timestamptz, "day" date, price numeric, "large" bigint);`);
  for (let from = 0; from < ROWS; from += 100) {
    const rows = numbers(100).map((at) => {
      const id = from + at;
      return `(${id}, '[${vectorOf(id).join(',')}]', 'item''s ${id}', '{"n": ${id}, "deep": {"a": [1]}}', '2026-11-29T00:00:00Z', '2026-11-29', 1.50, ${id}::bigint)`;
    });
    await database.exec(`INSERT INTO "my shop"."items" VALUES ${rows.join(',')}`);
  }
  await database.exec(`CREATE TABLE mixed (name text, v real[], h halfvec(${DIMENSION}));
    INSERT INTO mixed VALUES ('a', '{1,2,3}', NULL), ('it''s', '{4,5,6}', NULL), (NULL, '{1,1,1}', NULL), ('d', NULL, NULL), ('e', '{1,2}', NULL)`);
  server = new PGLiteSocketServer({ db: database, port: 0, host: '127.0.0.1' });
  await server.start();
  vi.stubEnv('DATABASE_URL', `postgres://postgres:${PASSWORD}@${server.getServerConn()}/postgres?sslmode=disable`);
});
afterAll(async () => {
  await server.stop();
  await database.close();
  await target.close();
});

const numbers = (count: number) => Array.from({ length: count }, (_, at) => at);
const vectorOf = (at: number) => Array.from({ length: DIMENSION }, (_, column) => Math.fround(Math.sin(at * 13 + column)));

it('goes on after a stop; every vector is equal to the bit, and the password is nowhere', async () => {
  const checkpoint = join(target.folder, 'items.json');
  const args = ['pgvector', '--table', 'my shop.items', '--to', 'items', '--text-field', 'body', '--checkpoint', checkpoint];
  const stopped = new AbortController();
  const run = target.run([...args, '--rate', '500'], stopped.signal);
  await vi.waitFor(() => stat(checkpoint), { timeout: 60_000, interval: 10 });
  stopped.abort();
  const first = await run;
  expect(first.code).toBe(130);
  const saved = await readFile(checkpoint, 'utf8');
  expect(JSON.parse(JSON.parse(saved).cursor)).toEqual({ after: '999' });
  const { code, out, err } = await target.run([...args, '--json']);
  expect(err).toContain('after the 1000 records');
  expect(reportOf({ out, err })).toMatchObject({ read: ROWS, written: ROWS, source: ROWS, now: ROWS, differences: [] });
  expect(code).toBe(0);
  expect(`${saved}${first.err}${out}${err}`).not.toContain(PASSWORD);
  const records = await target.client.index('items').fetch(numbers(ROWS).map(String), { vectors: true });
  expect(records.map(({ vector: bits }) => [...vectorFromBase64url(bits!)])).toEqual(numbers(ROWS).map(vectorOf));
  expect(records[7]).toMatchObject({
    text: "item's 7",
    metadata: { n: 7, 'deep.a': '[1]', sold: '2026-11-29T00:00:00.000Z', day: '2026-11-29', price: '1.50', large: 7 },
  });
});

it('takes a query, arrays as vectors, and refuses rows that it cannot hold', async () => {
  const columns = ['--id-column', 'name', '--vector-column', 'v'];
  const { code, out, err } = await target.run([
    'pgvector',
    '--query',
    'SELECT name, v FROM mixed',
    '--to',
    'mixed',
    '--json',
    ...columns,
  ]);
  expect({ code, err }).toEqual({ code: 3, err: expect.any(String) });
  const { refused, now } = reportOf({ out, err });
  expect({ refused, now }).toEqual({
    now: 2,
    refused: {
      count: 3,
      named: [
        { id: 'a row', reason: 'it has no id' },
        { id: 'd', reason: 'it has no vector' },
        { id: 'e', reason: 'its vector has 2 components instead of 3' },
      ],
    },
  });
});

it.each([
  ['no such table', ['--table', 'nothing'], 'does not exist'],
  ['no such column', ['--table', 'mixed', '--vector-column', 'v'], "there is no column 'id'; there are name, v, h"],
  ['a name that is SQL', ['--table', 'mixed"; DROP TABLE mixed; --'], 'does not exist'],
  ['a query that writes', ['--query', 'DELETE FROM mixed RETURNING name AS id, v AS embedding'], 'syntax error'],
])('says what is wrong: %s', async (_, options, message) => {
  const { code, err } = await target.run(['pgvector', '--to', 'wrong', ...options]);
  expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining(message) });
  expect(err).toContain('SOURCE_RESPONSE');
});
it('says what is wrong with the address, without the password', async () => {
  vi.stubEnv('DATABASE_URL', `postgres://postgres:${PASSWORD}@127.0.0.1:1/postgres`);
  const { code, err } = await target.run(['pgvector', '--table', 'mixed', '--to', 'wrong']);
  expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining('SOURCE_UNREACHABLE') });
  vi.stubEnv('DATABASE_URL', `postgres://postgres:${PASSWORD}@127.0.0.1:x/postgres`);
  const wrong = await target.run(['pgvector', '--table', 'mixed', '--to', 'wrong']);
  expect(wrong).toMatchObject({ code: 2, err: expect.stringContaining('DATABASE_URL') });
  expect(err + wrong.err).not.toContain(PASSWORD);
});
