import { chmod, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { text } from '@tributary/schemas';
import { rendezvousEntriesMax, rendezvousEntryBytesMax } from './limits.ts';

const entrySchema = z.strictObject({
  peerId: text(128),
  addresses: z.array(text(512)).max(16),
  pid: z.number().int().positive(),
});
/** One running node on this machine. */
export type RendezvousEntry = z.infer<typeof entrySchema>;

/** The folder in which the nodes of one user find each other on one machine. */
export function rendezvousDirectory(env: NodeJS.ProcessEnv): string {
  if (env['TRIBUTARY_RENDEZVOUS']) return env['TRIBUTARY_RENDEZVOUS'];
  return join(env['XDG_RUNTIME_DIR'] ?? join(homedir(), '.tributary'), env['XDG_RUNTIME_DIR'] ? 'tributary' : 'rendezvous');
}

/** Puts this node's entry into the folder. The returned function removes it. */
export async function enterRendezvous(directory: string, entry: RendezvousEntry): Promise<() => Promise<void>> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await chmod(directory, 0o700);
  const path = join(directory, `${entry.peerId}.json`);
  const draft = `${path}.${entry.pid}.new`;
  await writeFile(draft, JSON.stringify(entry), { mode: 0o600 });
  await rename(draft, path);
  return () => rm(path, { force: true });
}

/** The other nodes that are alive. Entries of dead processes are removed; unreadable ones are skipped. */
export async function readRendezvous(directory: string, ownPeerId: string): Promise<RendezvousEntry[]> {
  const names = (await readdir(directory).catch(() => []))
    .filter((name) => name.endsWith('.json'))
    .slice(0, rendezvousEntriesMax);
  const entries = await Promise.all(names.map((name) => readEntry(join(directory, name))));
  return entries.filter((entry) => entry !== null && entry.peerId !== ownPeerId) as RendezvousEntry[];
}

async function readEntry(path: string): Promise<RendezvousEntry | null> {
  const size = await stat(path).then(
    (entry) => (entry.isFile() ? entry.size : 0),
    () => 0,
  );
  if (size === 0 || size > rendezvousEntryBytesMax) return null;
  const parsed = entrySchema.safeParse(parse(await readFile(path, 'utf8').catch(() => '')));
  if (!parsed.success) return null;
  if (isAlive(parsed.data.pid)) return parsed.data;
  await rm(path, { force: true });
  return null;
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
