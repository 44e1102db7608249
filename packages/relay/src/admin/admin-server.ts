import { chmod, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { isTributaryError } from '@tributary/schemas';
import { RelayError } from '../errors.ts';
import { adminLineBytesMax } from './limits.ts';
import { ownFolder } from './own-socket.ts';

/** What a node does for the person who runs it. Each method checks its own parameters. */
export type AdminMethods = Record<string, (params: unknown, signal: AbortSignal) => Promise<unknown>>;

export interface AdminServer {
  close(): Promise<void>;
}

/**
 * Serves one JSON line in, one JSON line out, on a Unix socket that only its owner may open (folder 0700, socket 0600).
 *
 * @throws RelayError CONFIG when the socket cannot be made
 */
export async function openAdminServer(path: string, methods: AdminMethods): Promise<AdminServer> {
  await ownFolder(path);
  await rm(path, { force: true }); // left over from a killed node: the databases' locks keep out a second live one
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    serve(socket, methods);
  });
  const before = process.umask(0o177);
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(path, resolve);
    });
  } catch (cause) {
    throw new RelayError('CONFIG', `the admin socket ${path} cannot be made`, { cause });
  } finally {
    process.umask(before);
  }
  await chmod(path, 0o600);
  return {
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      await rm(path, { force: true });
    },
  };
}

function serve(socket: Socket, methods: AdminMethods): void {
  const abort = new AbortController();
  const chunks: Buffer[] = [];
  let bytes = 0;
  socket.on('error', () => abort.abort());
  socket.on('close', () => abort.abort());
  socket.on('data', (chunk) => {
    bytes += chunk.length;
    if (bytes > adminLineBytesMax) socket.destroy();
    chunks.push(chunk);
    if (bytes > adminLineBytesMax || !chunk.includes(0x0a)) return;
    socket.removeAllListeners('data');
    void answer(Buffer.concat(chunks).toString('utf8'), methods, abort.signal).then((line) => socket.end(`${line}\n`));
  });
}

async function answer(line: string, methods: AdminMethods, signal: AbortSignal): Promise<string> {
  try {
    const { method, params } = JSON.parse(line) as { method: string; params: unknown };
    const run = Object.hasOwn(methods, method) ? methods[method] : undefined;
    if (!run) throw new RelayError('METHOD_UNKNOWN', `this node does not know '${method}'`);
    return JSON.stringify({ result: (await run(params, signal)) ?? null });
  } catch (error) {
    const known = isTributaryError(error);
    const message = known || error instanceof SyntaxError ? (error as Error).message : 'the node failed; see its log';
    return JSON.stringify({ error: { code: known ? error.code : 'INTERNAL', message } });
  }
}
