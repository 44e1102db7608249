import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite/vector';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';

/** PostgreSQL with pgvector. */
export interface Server {
  /** Or `environment`: where the address has its password. */
  readonly url: string;
  /** In words, without the address. */
  readonly what: string;
  close(): Promise<void>;
}

/** The server that the environment names, or PGlite: PostgreSQL in WebAssembly, in this process. */
export async function openServer({ TRIBUTARY_ENGINE_URL: url }: NodeJS.ProcessEnv): Promise<Server> {
  if (url !== undefined) return { url: 'environment', what: 'the server at $TRIBUTARY_ENGINE_URL', close: async () => undefined };
  const database = await PGlite.create({ extensions: { vector } });
  const server = new PGLiteSocketServer({ db: database, port: 0, host: '127.0.0.1', maxConnections: 16 });
  await server.start();
  return {
    url: `postgres://postgres@${server.getServerConn()}/postgres?sslmode=disable`,
    what: 'PGlite',
    async close() {
      await server.stop();
      await database.close();
    },
  };
}
