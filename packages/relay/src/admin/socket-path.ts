import { createHash } from 'node:crypto';
import { tmpdir, userInfo } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { socketPathBytesMax } from './limits.ts';

const name = 'admin.sock';

/**
 * Where the admin socket of a data folder may be: inside the folder, unless that path is too long, and under the
 * temporary folder, for a folder that cannot be written.
 */
export function adminSocketPaths(dataDirectory: string): string[] {
  const inside = join(resolve(dataDirectory), name);
  const short = createHash('sha256').update(inside).digest('hex').slice(0, 16);
  const shared = join(tmpdir(), `tributary-${userInfo().uid}`, `${short}.sock`);
  return Buffer.byteLength(inside) <= socketPathBytesMax ? [inside, shared] : [shared];
}

/** Whether the socket is in a folder that many users write to, not in its data folder. */
export function isShared(socketPath: string): boolean {
  return basename(socketPath) !== name;
}
