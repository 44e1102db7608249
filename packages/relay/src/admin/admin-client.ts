import { connect } from 'node:net';
import { ERROR_CODES, TributaryError, type ErrorCode } from '@tributary/schemas';
import { adminLineBytesMax, adminTimeoutMs } from './limits.ts';
import { adminSocketPath } from './socket-path.ts';

/**
 * Asks the node that runs on a data folder.
 *
 * @throws TributaryError NODE_NOT_RUNNING when none does, or the node's own code
 */
export function askNode(dataDirectory: string, method: string, params: object = {}): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const socket = connect(adminSocketPath(dataDirectory));
    const chunks: Buffer[] = [];
    let bytes = 0;
    const notRunning = (cause?: unknown) =>
      reject(
        new TributaryError('NODE_NOT_RUNNING', `no node runs on ${dataDirectory}; start it first, or give its --data folder`, {
          cause,
        }),
      );
    socket.setTimeout(adminTimeoutMs, () => socket.destroy(new Error('no answer in time')));
    socket.on('connect', () => socket.write(`${JSON.stringify({ method, params })}\n`));
    socket.on('data', (chunk) => {
      bytes += chunk.length;
      chunks.push(chunk);
      if (bytes > adminLineBytesMax) socket.destroy();
    });
    socket.on('error', notRunning);
    socket.on('close', () => {
      if (chunks.length === 0) return notRunning();
      const reply = JSON.parse(Buffer.concat(chunks).toString('utf8')) as {
        result?: unknown;
        error?: { code: string; message: string };
      };
      if (!reply.error) return resolve(reply.result);
      const code = Object.hasOwn(ERROR_CODES, reply.error.code) ? (reply.error.code as ErrorCode) : 'INTERNAL';
      reject(new TributaryError(code, reply.error.message));
    });
  });
}
