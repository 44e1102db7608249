import { askGateway, isDelivered } from '../world/calls.ts';
import { price, startAll, type World } from '../world/world.ts';
import { note } from '../load/questions.ts';
import type { ClockParts } from './types.ts';
import { pause } from '../world/pause.ts';

/** Answers that the cap of the gateway's wallet pays for on one day. */
const answersMax = 12;
/** Questions that are asked in vain, at most. */
const triesMax = 60;

/** A cap per day is not reset by a clock that jumps and comes back. */
export async function checkCap({ world, memory, random, set }: ClockParts): Promise<string[]> {
  await startAll(world, ['provider']);
  const more = ['--max-per-day', String(price * BigInt(answersMax))];
  const said = await world.start('node', more);
  if (said !== null) return [`start: ${said}`];
  const spent = async () => BigInt((await world.admin<{ signedToday: string }>('gateway', 'balance')).signedToday);
  const cap = price * BigInt(answersMax);
  await askUntilCapped(world, memory);
  const before = await spent();
  const hours = random.pick([1, 26, 50]) * (random.chance(0.7) ? 1 : -1);
  await set('node', hours);
  const ahead = await askUntilCapped(world, memory);
  await set('node', 0);
  const after = await askUntilCapped(world, memory);
  const violations: string[] = [];
  if (before > cap) violations.push(`cap: ${before} were signed under a cap of ${cap}`);
  if (after > 0) violations.push(`cap: ${after} more answers after a jump of ${hours} hours and back (${ahead} meanwhile)`);
  return violations;
}

/** Asks until the cap refuses. @returns the number of answers */
async function askUntilCapped(world: World, memory: ClockParts['memory']): Promise<number> {
  let answers = 0;
  for (let time = 0; time < triesMax; time += 1) {
    const answer = await askGateway(world, memory.keys[0]);
    if (isDelivered(answer)) {
      answers += 1;
      note(memory, 'a question under the cap', answer);
    } else if (answer.code === 'SPEND_CAP') return answers;
    else await pause(100);
  }
  return answers;
}
