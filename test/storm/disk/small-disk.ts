import { spawnSync } from 'node:child_process';
import { open, readdir, rm, stat } from 'node:fs/promises';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file system of a bounded size. */
export interface SmallDisk {
  readonly folder: string;
  /** Leaves this many bytes, in whole pages. */
  fill(leftBytes: number): Promise<void>;
  free(): Promise<void>;
  /** Nothing may be open for writing. */
  remount(mode: 'ro' | 'rw'): void;
  close(): void;
}

const BALLAST = 'ballast';
const chunkBytes = 1 << 20;

/** Mounts a file system in memory. @returns null where that is not allowed */
export function mountSmallDisk(bytes: number): SmallDisk | null {
  const folder = join(mkdtempSync(join(tmpdir(), 'tributary-storm-disk-')), 'disk');
  mkdirSync(folder, { mode: 0o700 });
  const remove = () => rmSync(join(folder, '..'), { recursive: true, force: true });
  if (!run('mount', '-t', 'tmpfs', '-o', `size=${bytes},mode=700`, 'tmpfs', folder)) {
    remove();
    return null;
  }
  const close = (): void => {
    process.off('exit', close);
    run('umount', '--lazy', folder);
    remove();
  };
  process.on('exit', close);
  return {
    folder,
    async fill(leftBytes) {
      const file = await open(join(folder, BALLAST), 'w');
      let size = 0;
      try {
        for (let step = chunkBytes; step >= 4_096;) {
          const { bytesWritten } = await file.write(Buffer.alloc(step), 0, step, size).catch(() => ({ bytesWritten: 0 }));
          size += bytesWritten;
          if (bytesWritten < step) step = step >> 1;
        }
        await file.truncate(Math.max(0, size - leftBytes));
      } finally {
        await file.close();
      }
    },
    free: () => rm(join(folder, BALLAST), { force: true }),
    remount(mode) {
      if (!run('mount', '-o', `remount,${mode}`, folder)) throw new Error(`the disk could not be mounted ${mode}`);
    },
    close,
  };
}

const run = (command: string, ...args: string[]): boolean => spawnSync(command, args).status === 0;

/** A limit on the size of files stands in for a full disk where nothing may be mounted. @returns whether it did */
export const limitFiles = (pid: number, bytes: number | 'unlimited'): boolean =>
  run('prlimit', '--pid', String(pid), `--fsize=${bytes}:unlimited`);

/** Size of the largest file below a folder. */
export async function largestFile(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const sizes = entries.filter((entry) => entry.isFile()).map((entry) => stat(join(entry.parentPath, entry.name)));
  return Math.max(0, ...(await Promise.all(sizes)).map(({ size }) => size));
}
