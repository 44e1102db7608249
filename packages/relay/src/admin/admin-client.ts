import { request, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { ERROR_CODES, TributaryError, type ErrorCode } from '@tributary/schemas';
import { adminBodyBytesMax, adminTimeoutMs } from './limits.ts';
import { isOwnSocket } from './own-socket.ts';
import { adminSocketPaths } from './socket-path.ts';

/**
 * Sends a request to the node that runs on a data folder.
 *
 * @throws TributaryError NODE_NOT_RUNNING when no node runs there, ASK_TIMEOUT when no reply arrives within
 *   `timeoutMs`, INTERNAL when the reply is cut off or too long, or the code that the node returns; RelayError CONFIG
 *   when the socket may belong to another user
 */
export async function askNode(
  dataDirectory: string,
  method: string,
  params: object = {},
  timeoutMs: number = adminTimeoutMs,
): Promise<unknown> {
  const message = `no node runs on ${dataDirectory}; start it first, or give its --data folder`;
  const silent = new TributaryError('ASK_TIMEOUT', `the node on ${dataDirectory} did not answer '${method}' in ${timeoutMs} ms`);
  for (const socketPath of adminSocketPaths(dataDirectory)) {
    if (!(await isOwnSocket(socketPath))) continue;
    const reply = await send({ socketPath, method, params, timeoutMs }, silent);
    if (reply !== null) return readReply(reply);
  }
  throw new TributaryError('NODE_NOT_RUNNING', message);
}

interface Sent {
  socketPath: string;
  method: string;
  params: object;
  timeoutMs: number;
}

/** Null when nobody listens: the socket is left over from a node that was killed. */
function send({ socketPath, method, params, timeoutMs }: Sent, silent: Error): Promise<IncomingMessage | null> {
  const headers = { 'content-type': 'application/json' };
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, path: `/${method}`, method: 'POST', headers, timeout: timeoutMs }, resolve);
    asked.on('timeout', () => asked.destroy(silent));
    asked.on('error', (cause: NodeJS.ErrnoException) => {
      if (cause === silent) reject(silent);
      else if (cause.code?.startsWith('HPE_')) reject(unreadable());
      else resolve(null);
    });
    asked.end(JSON.stringify(params));
  });
}

async function readReply(reply: IncomingMessage): Promise<unknown> {
  let bytes = 0;
  reply.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > adminBodyBytesMax) reply.destroy();
  });
  const body = await buffer(reply).catch(() => null);
  if (bytes > adminBodyBytesMax) throw unreadable();
  const { result, error } = parse(body) ?? { error: unreadable() };
  if (error === undefined) return result;
  throw new TributaryError(Object.hasOwn(ERROR_CODES, error.code) ? (error.code as ErrorCode) : 'INTERNAL', error.message);
}

const unreadable = (): TributaryError =>
  new TributaryError('INTERNAL', `the node's reply was cut off, or is longer than ${adminBodyBytesMax} bytes`);

function parse(body: Buffer | null): { result?: unknown; error?: { code: string; message: string } } | null {
  try {
    return JSON.parse(String(body)) as ReturnType<typeof parse>;
  } catch {
    return null;
  }
}
