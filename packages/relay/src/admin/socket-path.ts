import { createHash } from 'node:crypto';
import { tmpdir, userInfo } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { socketPathBytesMax } from './limits.ts';

const name = 'admin.sock';

/**
 * The path of the admin socket of a data folder: inside the folder, or under the temporary folder when that path would
 * be too long.
 */
export function adminSocketPath(dataDirectory: string): string {
  const inside = join(resolve(dataDirectory), name);
  if (Buffer.byteLength(inside) <= socketPathBytesMax) return inside;
  const short = createHash('sha256').update(inside).digest('hex').slice(0, 16);
  return join(tmpdir(), `tributary-${userInfo().uid}`, `${short}.sock`);
}

/** Whether the socket is in a folder that many users write to, not in its data folder. */
export function isShared(socketPath: string): boolean {
  return basename(socketPath) !== name;
}
