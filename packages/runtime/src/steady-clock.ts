import { uptime } from 'node:os';

/**
 * Most that the machine's clock may gain on the time that passed before that counts as a jump, in milliseconds.
 *
 * @internal exported for its tests
 */
export const clockGainMsMax = 120_000;
/**
 * How far the machine's clock may be from where it was found right and be believed without another look at the time
 * since the start, in milliseconds. It is far below what counts as a jump.
 */
const believedMsMax = 1_000;
/**
 * How long a clock that jumped forward is not believed, in milliseconds of real time.
 *
 * @internal exported for its tests
 */
export const clockJumpHoldMs = 86_400_000;

interface SteadyClockParts {
  /** The machine's clock: unix milliseconds. */
  now(): number;
  /** Milliseconds since the machine was started, its sleep included. No setting of the clock changes them. */
  uptimeMs(): number;
}

/**
 * The machine's clock for what must not be had twice by setting it ahead, such as the budget of a day. A jump forward
 * shows only after a day: until then the clock goes on from before it. A clock that is set back shows at once, because
 * then nothing is had earlier.
 *
 * It knows jumps within one process only.
 */
export function createSteadyClock({ now, uptimeMs }: SteadyClockParts = system): () => number {
  let known = { wall: now(), up: uptimeMs() };
  let jumpedAt: number | null = null;
  return () => {
    const wall = now();
    // Asking for the uptime reads a file.
    if (jumpedAt === null && Math.abs(wall - known.wall) <= believedMsMax) return wall;
    const up = uptimeMs();
    const expected = known.wall + up - known.up;
    if (wall <= expected + clockGainMsMax) {
      jumpedAt = null;
      // A clock that was set back may come forward again. That is no jump.
      if (wall >= expected - clockGainMsMax) known = { wall, up };
      return wall;
    }
    jumpedAt ??= up;
    if (up - jumpedAt < clockJumpHoldMs) return expected;
    known = { wall, up };
    jumpedAt = null;
    return wall;
  };
}

const system: SteadyClockParts = { now: Date.now, uptimeMs: () => uptime() * 1_000 };
