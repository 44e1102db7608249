import { act } from './world/act.ts';
import { checkBooks } from './checks/books.ts';
import { checkDelivered, recover } from './checks/delivery.ts';
import { checkLies, checkPromises } from './checks/promises.ts';
import type { Plan } from './plan/types.ts';
import type { Plant } from './world/plants.ts';
import { createRandom } from './random.ts';
import { createScheduler, StuckError } from './virtual/scheduler.ts';
import { checkLiveness, heal } from './checks/liveness.ts';
import type { Fixtures } from './fixtures.ts';
import { replaceGlobals } from './virtual/globals.ts';
import { createWitness } from './world/witness.ts';
import { createWorld, type OpenWorld } from './world/world.ts';

export interface RunOutcome {
  readonly violations: readonly string[];
  /** Equal for equal runs. */
  readonly hash: string;
  readonly trace: readonly string[];
  readonly facts: { readonly events: number; readonly answers: number; readonly faultsHit: number };
}

/** Longest time that the last step may take. */
const actMsMax = 400_000;

/** Runs one plan to its end. It controls all timers, clocks and random numbers of this process. */
export async function runPlan(
  plan: Plan,
  fixtures: Fixtures,
  { plant = null, keepTrace = false }: { plant?: Plant | null; keepTrace?: boolean } = {},
): Promise<RunOutcome> {
  const scheduler = createScheduler();
  const witness = createWitness(() => scheduler.now, keepTrace);
  const giveBack = replaceGlobals(scheduler, createRandom(`${plan.seed}/process`));
  let answers = 0;
  let world: OpenWorld | undefined;
  try {
    world = createWorld({ plan, fixtures, scheduler, witness, plant });
    const open = world;
    await scheduler.drive(
      live(open, () => {
        answers += 1;
      }),
    );
  } catch (error) {
    witness.violation(
      error instanceof StuckError
        ? error.message
        : `the simulation failed: ${error instanceof Error ? error.stack : String(error)}`,
    );
  } finally {
    giveBack();
  }
  const facts = { events: scheduler.steps, answers, faultsHit: world?.faults.hits ?? 0 };
  return { violations: witness.violations, hash: witness.hash(), trace: witness.lines, facts };
}

/** Start, act, heal, check. */
async function live(world: OpenWorld, answered: () => void): Promise<void> {
  await Promise.all([...world.providers, ...world.clients].map((station) => station.revive()));
  await grant(world);
  planFaults(world);
  const begun = world.scheduler.now;
  const acting: Promise<void>[] = [];
  for (const step of world.plan.steps) {
    await world.scheduler.sleep(begun + step.at - world.scheduler.now);
    acting.push(act(world, step, answered));
  }
  // What waits in a killed process never ends. Nothing else takes longer than this.
  await Promise.race([Promise.all(acting), world.scheduler.sleep(actMsMax)]);
  await heal(world);
  await recover(world);
  await checkLiveness(world, answered);
  await recover(world);
  await world.scheduler.sleep(5_000); // background writes are done
  checkPromises(world);
  checkLies(world);
  await checkDelivered(world);
  await checkBooks(world);
}

async function grant({ providers, plan, clients }: OpenWorld): Promise<void> {
  for (const { running, kept } of providers)
    for (const { kept: clientSetup } of clients)
      await running?.ledger.grant({ payer: clientSetup.payer, amount: plan.providers[kept.at]!.grant, note: clientSetup.name });
}

/** Plans the faults that happen at a time. Those of messages and writes happen at the nth of them. */
function planFaults({ plan, scheduler, station, witness, faults }: OpenWorld): void {
  faults.begin();
  for (const fault of plan.faults) {
    if (fault.kind !== 'kill' && fault.kind !== 'clock') continue;
    scheduler.after(Math.max(0, fault.at - scheduler.now), () => {
      if (faults.over) return;
      const hit = station(fault.node);
      witness.note(`fault ${JSON.stringify(fault)}`);
      if (fault.kind === 'kill') hit?.kill(fault);
      else hit?.machine.setClock(fault.offsetMs);
    });
  }
}
