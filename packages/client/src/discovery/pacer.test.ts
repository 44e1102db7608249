import { expect, it } from 'vitest';
import { manualClock, settle } from '../testing/link-peers.ts';
import { statementsPauseMs, statementsPerSlice } from './limits.ts';
import { createPacer } from './pacer.ts';

it('gives turns in slices with a pause between, alternating between peers with much and little work', async () => {
  const { clock, advance, pending } = manualClock();
  const turn = createPacer(clock);
  const taken: string[] = [];
  const take = async (name: string, count: number) => {
    for (let at = 0; at < count; at += 1) {
      await turn();
      taken.push(name);
    }
  };
  const flood = take('flood', 10 * statementsPerSlice);
  await settle();
  expect(taken).toHaveLength(statementsPerSlice);
  const honest = take('honest', 1);
  await advance(statementsPauseMs - 1);
  expect(taken).toHaveLength(statementsPerSlice);
  await advance(1);
  expect(taken.slice(statementsPerSlice, statementsPerSlice + 2)).toEqual(['flood', 'honest']);
  await honest;
  for (let slice = 0; slice < 12; slice += 1) await advance(statementsPauseMs);
  await flood;
  await advance(statementsPauseMs);
  expect(pending()).toBe(0);
});
