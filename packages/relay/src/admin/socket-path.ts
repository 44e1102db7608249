import { createHash } from 'node:crypto';
import { tmpdir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { socketPathBytesMax } from './limits.ts';

/** Where the admin socket of a data folder lies: inside it, or under the temporary folder when that path would be too long. */
export function adminSocketPath(dataDirectory: string): string {
  const inside = join(resolve(dataDirectory), 'admin.sock');
  if (Buffer.byteLength(inside) <= socketPathBytesMax) return inside;
  const name = createHash('sha256').update(inside).digest('hex').slice(0, 16);
  return join(tmpdir(), `tributary-${userInfo().uid}`, `${name}.sock`);
}
