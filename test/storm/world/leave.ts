import type { RoundResult } from '../types.ts';
import { ROLES, type World } from './world.ts';

/** Ends a world. One in which a promise was broken stays on disk, to be looked at. */
export async function leave(world: World, { violations }: RoundResult, log: (line: string) => void): Promise<void> {
  if (violations.length === 0) return world.close();
  await Promise.all(ROLES.map((role) => world.kill(role)));
  log(`storm: the folders of this round stay in ${world.folder}`);
}
