import { call } from '../world/calls.ts';
import type { World } from '../world/world.ts';
import { noteRefusal } from './refusals.ts';
import type { Memory, Work } from './types.ts';
import { pause } from '../world/pause.ts';

/** Backups that are kept at a time. */
const keptMax = 4;
/** Longest wait for a backup that a kill interrupted. */
const readyMs = 180_000;

/** Pinecone's word for a disk that refuses; its message says so. */
const DISK: ReadonlySet<string> = new Set(['SERVICE_UNAVAILABLE']);

/** Starts backups through Pinecone's dialect while records change, and deletes the oldest. */
export async function makeBackups({ world, memory, over }: Work): Promise<void> {
  const { backups } = memory;
  const key = memory.keys[1];
  while (!over()) {
    const kept = backups.keys().filter((id) => backups.allowed(id).join() === 'ready');
    const [oldest] = kept;
    if (kept.length >= keptMax && oldest !== undefined) {
      backups.begin(oldest, null);
      const reply = await call(world.url('node'), `/backups/${oldest}`, { key, method: 'DELETE' });
      if (reply.status === 202) backups.end(oldest);
      else noteRefusal(memory, 'a deleted backup', reply, DISK);
    }
    const reply = await call(world.url('node'), '/indexes/notes/backups', { key, body: { name: 'storm' } });
    if (reply.status === 201) backups.settle((reply.body as { backup_id: string }).backup_id, 'ready');
    else noteRefusal(memory, 'a backup', reply, DISK);
    memory.tally.writes += 1;
    await pause(150);
  }
}

/** A backup is a job: on a full disk it may fail, and says so. */
export function mayFail({ backups }: Memory): void {
  for (const id of backups.keys()) if (backups.allowed(id).includes('ready')) backups.begin(id, 'Failed');
}

interface Listed {
  data: { backup_id: string; status: string; record_count?: number }[];
}

/** The backups of the storm. Waits until none of them is being made. */
export async function readBackups(world: World, key: string, ids: readonly string[]): Promise<Map<string, string>> {
  const endsAt = performance.now() + readyMs;
  for (;;) {
    const { data } = (await call(world.url('node'), '/backups?limit=100', { key })).body as Listed;
    const ours = data.filter((one) => ids.includes(one.backup_id));
    const waiting = ours.some(({ status }) => status === 'Initializing');
    if (!waiting || performance.now() > endsAt)
      return new Map(ours.map(({ backup_id: id, status }) => [id, status === 'Ready' ? 'ready' : status]));
    await pause(100);
  }
}
