// A clock that cannot be had twice: jumps forward, back, slow drift, and a correction that stays.
import { beforeEach, expect, it } from 'vitest';
import { clockGainMsMax, clockJumpHoldMs, createSteadyClock } from './steady-clock.ts';

const DAY_MS = 86_400_000;
const START = 1_790_000_000_000;
let wall: number;
let up: number;
let clock: () => number;
const pass = (ms: number) => {
  wall += ms;
  up += ms;
};
beforeEach(() => {
  [wall, up] = [START, 5_000];
  clock = createSteadyClock({ now: () => wall, uptimeMs: () => up });
});

it('is the clock of the machine while that goes with the time, sleep included', () => {
  for (const ms of [0, 1, 60_000, 8 * 3_600_000, 3 * DAY_MS]) {
    pass(ms);
    expect(clock()).toBe(wall);
  }
});

it('goes on from before a jump forward, and follows when the clock is back', () => {
  pass(1_000);
  wall += 2 * DAY_MS;
  for (let at = 0; at < 75; at += 1) {
    pass(1_000);
    expect(clock()).toBe(wall - 2 * DAY_MS);
  }
  wall -= 2 * DAY_MS;
  expect(clock()).toBe(wall);
  pass(DAY_MS);
  expect(clock()).toBe(wall);
});

it('follows a clock that is set back, and forward again', () => {
  wall -= 2 * DAY_MS;
  expect(clock()).toBe(wall);
  pass(75_000);
  expect(clock()).toBe(wall);
  wall += 2 * DAY_MS;
  expect(clock()).toBe(wall);
  wall += 2 * DAY_MS; // beyond where it was
  expect(clock()).toBe(wall - 2 * DAY_MS);
});

it('asks for the time since the start once a second at most while the clock goes right', () => {
  let asked = 0;
  const counted = createSteadyClock({ now: () => wall, uptimeMs: () => ((asked += 1), up) });
  for (let at = 0; at < 10_000; at += 1) {
    pass(1);
    expect(counted()).toBe(wall);
  }
  expect(asked).toBeLessThanOrEqual(11);
  wall += 2 * DAY_MS;
  for (let at = 0; at < 10; at += 1) {
    pass(1);
    expect(counted()).toBe(wall - 2 * DAY_MS);
  }
});

it('follows slow gains, each within the bound, and no larger one', () => {
  for (let at = 0; at < 10; at += 1) {
    wall += clockGainMsMax;
    expect(clock()).toBe(wall);
  }
  wall += clockGainMsMax + 1;
  expect(clock()).toBe(wall - clockGainMsMax - 1);
});

it('believes a jump that stays for a day of real time', () => {
  wall += 3 * DAY_MS;
  clock();
  pass(clockJumpHoldMs - 1);
  expect(clock()).toBe(wall - 3 * DAY_MS);
  pass(1);
  expect(clock()).toBe(wall);
});
