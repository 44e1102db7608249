import { readdirSync, readFileSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';

/** State of a process and of its folder. Amounts that the system does not report are NaN. */
export interface Vitals {
  /** Bytes of memory that no file backs. */
  readonly anonymous: number;
  /** Bytes in use on the main thread's heap. */
  readonly heap: number;
  /** Open file descriptors. */
  readonly handles: number;
  readonly threads: number;
  /** How late timers of the main thread were since the last look, in milliseconds. */
  readonly delayP99Ms: number;
  /** Bytes of all files in the folder. */
  readonly disk: number;
}

const RESOLUTION_MS = 10;

/** The call that is returned looks at this process and at a folder. The first one starts to watch the event loop. */
export function watchVitals(folder: string): () => Promise<Vitals> {
  const loop = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  return async () => {
    loop.enable();
    const late = loop.count === 0 ? 0 : loop.percentile(99) / 1e6 - RESOLUTION_MS;
    loop.reset();
    return {
      anonymous: anonymousBytes(),
      heap: process.memoryUsage().heapUsed,
      handles: openHandles(),
      threads: statusOf('Threads'),
      delayP99Ms: Math.max(0, late),
      disk: await folderBytes(folder),
    };
  };
}

/** Memory of this process that no file backs; all of it where the system does not tell. */
export function anonymousBytes(): number {
  const kilobytes = statusOf('RssAnon');
  return Number.isNaN(kilobytes) ? process.memoryUsage().rss : kilobytes * 1_024;
}

function statusOf(name: string): number {
  try {
    return Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(readFileSync('/proc/self/status', 'latin1'))![1]);
  } catch {
    return Number.NaN;
  }
}

function openHandles(): number {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return Number.NaN;
  }
}

/** Files may come and go meanwhile. */
async function folderBytes(folder: string): Promise<number> {
  const sizes = (await filesIn(folder)).map((path) =>
    stat(path).then(
      ({ size }) => size,
      () => 0,
    ),
  );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

export async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}
