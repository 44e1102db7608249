import type { Stats } from 'node:fs';
import { lstat, mkdir } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { dirname } from 'node:path';
import { RelayError } from '../errors.ts';
import { isShared } from './socket-path.ts';

/** Permission bits of the group and of others. */
const FOREIGN_BITS = 0o077;

/**
 * Makes the folder of an admin socket. A folder inside one that many users write to must belong to this user and be
 * closed to all others. Otherwise another user could create it first and plant a socket there.
 *
 * @throws RelayError CONFIG
 */
export async function ownFolder(socketPath: string): Promise<void> {
  const folder = dirname(socketPath);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if (isShared(socketPath)) await checkFolder(folder);
}

/**
 * Checks a socket before anything is sent to it: it and its folder must belong to this user, and nobody else may be
 * able to open it. Otherwise whoever owns the folder could read what is sent. False when there is no socket.
 *
 * @throws RelayError CONFIG
 */
export async function isOwnSocket(socketPath: string): Promise<boolean> {
  const folder = dirname(socketPath);
  const [socket, holder] = [await facts(socketPath), await facts(folder)];
  if (socket === null || holder === null) return false;
  if (isShared(socketPath)) await checkFolder(folder);
  const own = userInfo().uid;
  if (holder.uid !== own)
    throw new RelayError(
      'CONFIG',
      `${folder} belongs to another user (uid ${holder.uid}), so its admin socket is not used; run this command as that user`,
    );
  if (socket.isSocket() && socket.uid === own && (socket.mode & FOREIGN_BITS) === 0) return true;
  throw new RelayError(
    'CONFIG',
    `${socketPath} is not an admin socket that only you can open (a socket with mode 0600); nothing was sent to it. Remove it and start the node again`,
  );
}

async function checkFolder(folder: string): Promise<void> {
  const found = await facts(folder);
  if (found?.isDirectory() && found.uid === userInfo().uid && (found.mode & FOREIGN_BITS) === 0) return;
  throw new RelayError(
    'CONFIG',
    `${folder} is not a folder that only you can open (mode 0700), so the admin socket is not used; have it removed, or give a --data folder with a shorter path`,
  );
}

/** `lstat`: a link itself is checked, not its target. */
async function facts(path: string): Promise<Stats | null> {
  return lstat(path).catch(() => null);
}
