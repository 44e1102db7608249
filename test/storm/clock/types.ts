import type { Random } from '../../fuzz/random.ts';
import type { Memory } from '../load/types.ts';
import type { Role, World } from '../world/world.ts';

/** What a round works with. */
export interface ClockParts {
  world: World;
  memory: Memory;
  random: Random;
  /** Sets the clock of a role this many hours off the real time. */
  set(role: Role, hours: number): Promise<void>;
}
