import type { Plan } from './plan/types.ts';

/** Whether a plan still shows the violation. */
type Shows = (plan: Plan) => Promise<boolean>;

/** Removes faults and steps, one at a time, as long as the violation stays. What is left is needed for it. */
export async function shrink(plan: Plan, shows: Shows): Promise<Plan> {
  let least = plan;
  for (;;) {
    const faults = await withoutEach(least.faults, (left) => shows({ ...least, faults: left }));
    least = { ...least, faults };
    const steps = await withoutEach(least.steps, (left) => shows({ ...least, steps: left }));
    if (steps.length === least.steps.length) return { ...least, steps };
    least = { ...least, steps };
  }
}

async function withoutEach<Item>(
  items: readonly Item[],
  shows: (left: readonly Item[]) => Promise<boolean>,
): Promise<readonly Item[]> {
  let left = items;
  for (const item of items) {
    const less = left.filter((one) => one !== item);
    if (await shows(less)) left = less;
  }
  return left;
}
