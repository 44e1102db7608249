import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { systemClock } from '../clock.ts';
import { createAdmissionQueue } from './admission-queue.ts';

const waitMs = 60_000;

/** A queue with some places. A caller that passes takes one. */
function doorTo(places: number) {
  const queue = createAdmissionQueue(systemClock);
  const inside: string[] = [];
  const state = { places };
  const come = async (name: string, signal?: AbortSignal) => {
    const taken = await queue.pass((passing) => state.places - inside.length > passing, { waitMs, signal });
    inside.push(name);
    taken();
  };
  const leave = () => {
    inside.shift();
    queue.look();
  };
  return { queue, inside, state, come, leave };
}

it('serves callers in order, and nobody overtakes', async () => {
  const { inside, come, leave } = doorTo(1);
  const all = ['a', 'b', 'c'].map((name) => come(name));
  await nextTurn();
  expect(inside).toEqual(['a']);
  leave();
  const late = come('d');
  await nextTurn();
  expect(inside).toEqual(['b']);
  leave();
  await nextTurn();
  expect(inside).toEqual(['c']);
  leave();
  await Promise.all([...all, late]);
  expect(inside).toEqual(['d']);
});

it('gives one place to one of two callers in the same tick', async () => {
  const { inside, come, leave } = doorTo(1);
  const both = [come('a'), come('b')];
  await nextTurn();
  expect(inside).toEqual(['a']);
  leave();
  await Promise.all(both);
});

it('fills all the room that appeared in one turn', async () => {
  const { queue, inside, state, come } = doorTo(0);
  const all = ['a', 'b', 'c'].map((name) => come(name));
  state.places = 3;
  queue.look();
  await Promise.all(all);
  expect(inside).toEqual(['a', 'b', 'c']);
});

it('forgets a caller that gave up, and serves the next', async () => {
  const { inside, come, leave } = doorTo(1);
  await come('a');
  const controller = new AbortController();
  const impatient = come('b', controller.signal);
  const next = come('c');
  controller.abort();
  await expect(impatient).rejects.toMatchObject({ code: 'ABORTED' });
  leave();
  await next;
  expect(inside).toEqual(['c']);
  await expect(come('d', AbortSignal.abort())).rejects.toMatchObject({ code: 'ABORTED' });
});

it('waits no longer than it may', async () => {
  await expect(createAdmissionQueue(systemClock).pass(() => false, { waitMs: 1 })).rejects.toMatchObject({ code: 'ASK_TIMEOUT' });
});

it('passes on the turn of a caller that gave up while others had room', async () => {
  const queue = createAdmissionQueue(systemClock);
  const controller = new AbortController();
  const blocked = queue.pass(() => false, { waitMs, signal: controller.signal });
  const behind = queue.pass(() => true, { waitMs });
  controller.abort();
  await expect(blocked).rejects.toMatchObject({ code: 'ABORTED' });
  (await behind)();
});
