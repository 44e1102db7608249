// PostgreSQL with the extension vector: PGlite in this process, served over PostgreSQL's protocol. With
// TRIBUTARY_TEST_POSTGRES it is the server at that address, which has a database for nothing else.
import { connect, createServer, type Server, type Socket } from 'node:net';
import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite/vector';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import { Client } from 'pg';

export interface Postgres {
  readonly url: string;
  query(sql: string): Promise<Record<string, unknown>[]>;
  /** Stops listening; connections break. */
  stop(): Promise<void>;
  /** Listens again at the same port. */
  start(): Promise<void>;
  close(): Promise<void>;
}

export const PASSWORD = 'secret-of-this-test';

export function openPostgres(): Promise<Postgres> {
  const address = process.env['TRIBUTARY_TEST_POSTGRES'];
  return address === undefined ? openPglite() : openServer(address);
}

async function openPglite(): Promise<Postgres> {
  const database = await PGlite.create({ extensions: { vector } });
  const serve = async (port: number): Promise<PGLiteSocketServer> => {
    const server = new PGLiteSocketServer({ db: database, port, host: '127.0.0.1', maxConnections: 50 });
    await server.start();
    return server;
  };
  let server = await serve(0);
  const where = server.getServerConn();
  return {
    url: `postgres://postgres:${PASSWORD}@${where}/postgres?sslmode=disable`,
    query: async (sql) => (await database.exec(sql)).flatMap(({ rows }) => rows as Record<string, unknown>[]),
    stop: () => server.stop(),
    async start() {
      server = await serve(Number(where.split(':').at(-1)));
    },
    async close() {
      await server.stop();
      await database.close();
    },
  };
}

/** A real server, through a port that can be closed. */
async function openServer(address: string): Promise<Postgres> {
  const { pathname, searchParams, hostname, port, username } = new URL(address);
  const socket = searchParams.get('host');
  const target = socket === null ? { host: hostname, port: Number(port || 5432) } : { path: `${socket}/.s.PGSQL.5432` };
  const open = new Set<Socket>();
  const listen = async (at: number): Promise<Server> => {
    const server = createServer((near) => {
      const far = connect(target);
      for (const one of [near, far]) {
        open.add(one);
        one.on('error', () => undefined).on('close', () => [near, far].forEach((each) => each.destroy()));
      }
      near.pipe(far).pipe(near);
    });
    await new Promise<void>((resolve) => void server.listen(at, '127.0.0.1', resolve));
    return server;
  };
  let server = await listen(0);
  const own = (server.address() as { port: number }).port;
  const client = new Client({ connectionString: address });
  await client.connect();
  const stop = (): Promise<void> => {
    for (const one of open) one.destroy();
    return new Promise((resolve) => void server.close(() => resolve()));
  };
  await client.query('CREATE EXTENSION IF NOT EXISTS vector');
  return {
    url: `postgres://${username}:${PASSWORD}@127.0.0.1:${own}${pathname}?sslmode=disable`,
    async query(sql) {
      const results = await client.query<Record<string, unknown>>(sql);
      return [results].flat().flatMap(({ rows }) => rows);
    },
    stop,
    async start() {
      server = await listen(own);
    },
    async close() {
      await stop();
      await client.end();
    },
  };
}
