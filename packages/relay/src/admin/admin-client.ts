import { connect } from 'node:net';
import { ERROR_CODES, TributaryError, type ErrorCode } from '@tributary/schemas';
import { adminLineBytesMax, adminTimeoutMs } from './limits.ts';
import { isOwnSocket } from './own-socket.ts';
import { adminSocketPath } from './socket-path.ts';

/**
 * Asks the node that runs on a data folder.
 *
 * @throws TributaryError NODE_NOT_RUNNING when none does, ASK_TIMEOUT when it says nothing for `timeoutMs`, INTERNAL when its reply is cut
 *   off or too long, or the node's own code; RelayError CONFIG when the socket may be somebody else's
 */
export async function askNode(
  dataDirectory: string,
  method: string,
  params: object = {},
  timeoutMs: number = adminTimeoutMs,
): Promise<unknown> {
  const path = adminSocketPath(dataDirectory);
  const message = `no node runs on ${dataDirectory}; start it first, or give its --data folder`;
  if (!(await isOwnSocket(path))) throw new TributaryError('NODE_NOT_RUNNING', message);
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    const chunks: Buffer[] = [];
    let bytes = 0;
    const notRunning = (cause?: unknown) => reject(new TributaryError('NODE_NOT_RUNNING', message, { cause }));
    socket.setTimeout(timeoutMs, () => {
      reject(new TributaryError('ASK_TIMEOUT', `the node on ${dataDirectory} did not answer '${method}' in ${timeoutMs} ms`));
      socket.destroy();
    });
    socket.on('connect', () => socket.write(`${JSON.stringify({ method, params })}\n`));
    socket.on('data', (chunk) => {
      bytes += chunk.length;
      chunks.push(chunk);
      if (bytes > adminLineBytesMax) socket.destroy();
    });
    socket.on('error', notRunning);
    socket.on('close', () => {
      if (bytes === 0) return notRunning();
      try {
        resolve(readReply(bytes > adminLineBytesMax ? '' : Buffer.concat(chunks).toString('utf8')));
      } catch (error) {
        reject(error as Error);
      }
    });
  });
}

function readReply(line: string): unknown {
  const reply = line.endsWith('\n') ? parse(line) : null;
  if (typeof reply !== 'object' || reply === null)
    throw new TributaryError('INTERNAL', `the node's reply was cut off, or is longer than ${adminLineBytesMax} bytes`);
  if (!reply.error) return reply.result;
  const code = Object.hasOwn(ERROR_CODES, reply.error.code) ? (reply.error.code as ErrorCode) : 'INTERNAL';
  throw new TributaryError(code, reply.error.message);
}

function parse(line: string): { result?: unknown; error?: { code: string; message: string } } | null {
  try {
    return JSON.parse(line) as ReturnType<typeof parse>;
  } catch {
    return null;
  }
}
