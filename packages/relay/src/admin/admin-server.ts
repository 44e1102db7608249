import { chmod, rm } from 'node:fs/promises';
import { ERROR_CODES, isTributaryError } from '@tributary/schemas';
import fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import { RelayError } from '../errors.ts';
import { adminBodyBytesMax } from './limits.ts';
import { ownFolder } from './own-socket.ts';
import { adminSocketPaths } from './socket-path.ts';

/** The methods that a node offers to its operator. Each method checks its own parameters. */
export type AdminMethods = Record<string, (params: unknown, signal: AbortSignal) => Promise<unknown>>;

export interface AdminServer {
  close(): Promise<void>;
}

/**
 * Serves `POST /METHOD` with the parameters as JSON, on a Unix socket that only its owner may open (folder 0700, socket
 * 0600).
 *
 * @param readOnly the data folder cannot be written, so the socket is elsewhere
 * @throws RelayError CONFIG when the socket cannot be made
 */
export async function openAdminServer(dataDirectory: string, methods: AdminMethods, readOnly = false): Promise<AdminServer> {
  const paths = adminSocketPaths(dataDirectory);
  const path = paths.at(readOnly ? -1 : 0)!;
  await ownFolder(path);
  await rm(path, { force: true }); // left over from a killed node; the lock of the database keeps out a second live one
  const app = createApp(methods);
  await app.ready();
  const before = process.umask(0o177);
  try {
    await app.listen({ path });
  } catch (cause) {
    throw new RelayError('CONFIG', `the admin socket ${path} cannot be made`, { cause });
  } finally {
    process.umask(before);
  }
  await chmod(path, 0o600);
  return {
    async close() {
      await app.close();
      await rm(path, { force: true });
    },
  };
}

function createApp(methods: AdminMethods): FastifyInstance {
  const app = fastify({ bodyLimit: adminBodyBytesMax, forceCloseConnections: true });
  for (const [name, run] of Object.entries(methods)) {
    app.post(`/${name}`, async ({ body }, reply) => send(reply, 200, { result: (await run(body, hangUp(reply))) ?? null }));
  }
  app.setNotFoundHandler((request) => {
    throw new RelayError('METHOD_UNKNOWN', `this node does not know '${request.url.slice(1, 200)}'`);
  });
  app.setErrorHandler<Error & { code?: string }>((error, request, reply) => {
    if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') return void request.raw.destroy();
    const known = isTributaryError(error) ? error : null;
    const code = known?.code ?? 'INTERNAL';
    void send(reply, ERROR_CODES[code].http, { error: { code, message: known?.message ?? 'the node failed; see its log' } });
  });
  return app;
}

/** JSON has no bigint, so amounts are written as decimal strings. */
function send(reply: FastifyReply, status: number, body: object): FastifyReply {
  const json = JSON.stringify(body, (_name, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
  return reply.code(status).type('application/json; charset=utf-8').send(`${json}\n`);
}

/** Aborted when the caller hangs up before the answer. */
function hangUp(reply: FastifyReply): AbortSignal {
  const abort = new AbortController();
  reply.raw.once('close', () => abort.abort());
  return abort.signal;
}
