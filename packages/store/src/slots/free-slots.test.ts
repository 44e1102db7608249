import fc from 'fast-check';
import { expect, it } from 'vitest';
import { draftFreeSlots } from './free-slots.ts';

it('gives and takes as a list would, group after group', () => {
  const step = fc.oneof(
    fc.constant('take' as const),
    fc.constant('publish' as const),
    fc.constant('fail' as const),
    fc.array(fc.nat(), { maxLength: 5 }),
  );
  fc.assert(
    fc.property(fc.array(fc.nat()), fc.array(step), (start, steps) => {
      const free = [...start];
      let kept = [...start];
      let model = [...start];
      let draft = draftFreeSlots(free);
      for (const one of steps) {
        if (one === 'take') expect(draft.take()).toBe(model.pop());
        else if (Array.isArray(one)) {
          draft.add(one);
          model.push(...one);
        } else {
          if (one === 'publish') {
            draft.publish();
            kept = [...model];
          }
          model = [...kept];
          expect(free).toEqual(kept);
          draft = draftFreeSlots(free);
        }
        expect(draft.length).toBe(model.length);
      }
    }),
  );
});

it('publishes more slots than a call takes as arguments', () => {
  const free: number[] = [];
  const count = 600_000;
  const draft = draftFreeSlots(free);
  draft.add(Array.from({ length: count }, (_, slot) => slot));
  draft.publish();
  expect(free).toHaveLength(count);
  const next = draftFreeSlots(free);
  expect(next.take()).toBe(count - 1);
  next.publish();
  expect(free).toHaveLength(count - 1);
});
