import { statSync } from 'node:fs';

const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;

/** Bytes of the log of a database. */
export const logBytes = (path: string): number => sizeOf(`${path}-wal`);

/** Bytes of a database with its log. */
export const totalBytes = (path: string): number => sizeOf(path) + logBytes(path);
