import { isTributaryError, type ErrorCode } from '@tributary/schemas';
import { duration } from './progress.ts';

/** Environment variable that prints an unexpected error in full. */
const DEBUG_VARIABLE = 'TRIBUTARY_DEBUG';

/** Errors of system calls, in words that a person can act on (errno(3)). */
const SYSTEM: Readonly<Record<string, readonly [what: string, code: ErrorCode]>> = {
  ENOENT: ['does not exist', 'PATH_NOT_FOUND'],
  ENOTDIR: ['is a file where a folder is needed', 'PATH_NOT_FOUND'],
  EISDIR: ['is a folder; a file is needed', 'USAGE'],
  EEXIST: ['exists already', 'USAGE'],
  ENOTEMPTY: ['is not empty', 'USAGE'],
  EACCES: ['may not be read or written by this user', 'CONFIG'],
  EPERM: ['may not be changed by this user', 'CONFIG'],
  EROFS: ['is on a file system that is read-only', 'READ_ONLY'],
  ENOSPC: ['is on a disk that is full; free some space and run it again', 'DISK_WRITE'],
  EDQUOT: ['is on a disk whose quota is used up', 'DISK_WRITE'],
  EIO: ['is on a disk that fails', 'DISK_WRITE'],
  EMFILE: ['could not be opened: too many files are open (see ulimit -n)', 'CONFIG'],
  ENAMETOOLONG: ['has too long a name', 'USAGE'],
};

/**
 * One line that says what was wrong and what to do. Errors with one of our codes are printed unchanged. Errors of
 * system calls are explained. The text of any other library is hidden unless {@link DEBUG_VARIABLE} is set.
 */
export function describeError(error: unknown, env: NodeJS.ProcessEnv = process.env): string {
  const root = firstOf(error);
  // Messages of others may contain anything except line breaks and escapes.
  if (isTributaryError(root)) return `${root.message.replaceAll(/\s+/g, ' ')}${pauseOf(root)} (${root.code})`;
  const system = describeSystemError(root);
  if (system !== null) return system;
  if (env[DEBUG_VARIABLE]) return `${root instanceof Error ? (root.stack ?? root.message) : String(root)} (INTERNAL)`;
  return `something unexpected failed; run it again with ${DEBUG_VARIABLE}=1 to see the details, and please report them (INTERNAL)`;
}

/** How long to wait, if the refusal says so. */
function pauseOf(error: Error): string {
  const ms = 'retryAfterMs' in error && typeof error.retryAfterMs === 'number' ? error.retryAfterMs : 0;
  return ms > 0 ? `; try again in ${duration(ms / 1_000)}` : '';
}

function describeSystemError(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return null;
  const known = SYSTEM[error.code];
  if (known === undefined) return null;
  const path = 'path' in error && typeof error.path === 'string' ? error.path : 'a file that is needed';
  return `${path} ${known[0]} (${known[1]})`;
}

/** An AggregateError has no useful message; its first error has one. */
function firstOf(error: unknown): unknown {
  return error instanceof AggregateError && error.errors.length > 0 ? firstOf(error.errors[0]) : error;
}
