import { cp } from 'node:fs/promises';

/** Copies a folder with the times of its files, without sockets. */
export const copyFolder = (from: string, to: string): Promise<void> =>
  cp(from, to, { recursive: true, preserveTimestamps: true, filter: (path) => !path.endsWith('.sock') });
