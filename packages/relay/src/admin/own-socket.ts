import type { Stats } from 'node:fs';
import { lstat, mkdir } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { dirname } from 'node:path';
import { RelayError } from '../errors.ts';
import { isShared } from './socket-path.ts';

/** Bits by which group and others may do anything. */
const FOREIGN_BITS = 0o077;

/**
 * Makes the folder of an admin socket. One that lies in a folder of many users must be this user's own and closed to
 * all others, or somebody who made it first could hand out a socket of theirs.
 *
 * @throws RelayError CONFIG
 */
export async function ownFolder(socketPath: string): Promise<void> {
  const folder = dirname(socketPath);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if (isShared(socketPath)) await checkFolder(folder);
}

/**
 * Checks a socket before anything is said to it: it belongs to whom its folder belongs to, and nobody else may open it.
 * False when there is none.
 *
 * @throws RelayError CONFIG
 */
export async function isOwnSocket(socketPath: string): Promise<boolean> {
  const folder = dirname(socketPath);
  const [socket, holder] = [await facts(socketPath), await facts(folder)];
  if (socket === null || holder === null) return false;
  if (isShared(socketPath)) await checkFolder(folder);
  if (socket.isSocket() && socket.uid === holder.uid && (socket.mode & FOREIGN_BITS) === 0) return true;
  throw new RelayError(
    'CONFIG',
    `${socketPath} is not the admin socket of this folder's owner alone (a socket with mode 0600); nothing was sent to it. Remove it and start the node again`,
  );
}

async function checkFolder(folder: string): Promise<void> {
  const found = await facts(folder);
  if (found?.isDirectory() && found.uid === userInfo().uid && (found.mode & FOREIGN_BITS) === 0) return;
  throw new RelayError(
    'CONFIG',
    `${folder} is not a folder of yours alone (mode 0700), so the admin socket is not used; have it removed, or give a --data folder with a shorter path`,
  );
}

/** A link is judged itself, not what it leads to. */
async function facts(path: string): Promise<Stats | null> {
  return lstat(path).catch(() => null);
}
