import { call, type Reply } from '../world/calls.ts';
import { keyTerms } from '../world/content.ts';
import type { World } from '../world/world.ts';
import { noteRefusal } from './refusals.ts';
import type { Work } from './types.ts';
import { pause } from '../world/pause.ts';

/** The node keeps all keys for ever, so the storm makes no more than these. */
const keysMax = 60;

/** Makes API keys and revokes them. */
export async function changeKeys({ world, memory, random, over }: Work): Promise<void> {
  const admin = <T>(method: string, params: object) =>
    world.admin<T>('gateway', method, params).catch((error: { code?: string; message: string }) => {
      const reply = { status: 0, code: error.code ?? 'INTERNAL', body: error.message };
      noteRefusal(memory, method, reply, new Set(['DISK_WRITE', 'NODE_NOT_RUNNING']));
      return null;
    });
  while (!over() && memory.apiKeys.keys().length < keysMax) {
    const made = await admin<{ key: string; info: { id: string } }>('keyCreate', keyTerms);
    if (made !== null) {
      memory.tally.writes += 1;
      memory.apiKeys.settle(made.key, 'active');
      if (random.chance(0.5)) {
        memory.apiKeys.begin(made.key, 'revoked');
        if ((await admin('keyRevoke', { id: made.info.id })) !== null) memory.apiKeys.end(made.key);
      }
    }
    await pause(100);
  }
}

const stateOf = ({ status, code }: Reply): string => {
  if (status === 200) return 'active';
  return status === 401 ? 'revoked' : `${status} ${code}`;
};

/** What each key is good for. */
export async function readKeys(world: World, tokens: readonly string[]): Promise<Map<string, string>> {
  const present = new Map<string, string>();
  for (const key of tokens) present.set(key, stateOf(await call(world.url('node'), '/v1/limits', { key })));
  return present;
}
