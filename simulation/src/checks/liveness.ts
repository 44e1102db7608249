import { ask, meet } from '../world/act.ts';
import { policyOf } from '../world/sim-provider.ts';
import { readWallet } from './wallet-rows.ts';
import type { ClientStation, OpenWorld, ProviderStation } from '../world/world.ts';

/** Ends all faults: networks and disks are well, clocks are right, and every machine runs. */
export async function heal(world: OpenWorld): Promise<void> {
  const { witness, faults, scheduler } = world;
  witness.note('all faults are over');
  faults.end();
  const all = [...world.providers, ...world.clients];
  for (const { machine } of all) machine.setClock(0);
  await scheduler.sleep(60_000); // links that are half open are found out, nodes that were being started are up
  for (const station of all) {
    await world.within(station.revive(), 120_000);
    if (station.running === null) witness.violation(`${station.machine.name} does not come up again`);
  }
}

/** When the next honest question is tried again: seconds, minutes, hours, and when the day's caps are new. */
const pausesMs = [0, 2_000, 30_000, 300_000, 900_000, 3_600_000, 10_800_000, 86_400_000, 86_400_000];

/** Liveness: whoever is honest is found and answered. */
export async function checkLiveness(world: OpenWorld, answered: () => void): Promise<void> {
  await checkDirectory(world);
  for (const { kept } of world.providers) {
    kept.index.visibility = 'listed';
    kept.policy = policyOf(kept.plan);
  }
  for (const client of honest(world.clients))
    for (const provider of honest(world.providers)) {
      await untilAnswered(world, client, provider, answered);
      await world.scheduler.sleep(1_000); // its row is written
      // The receipt of that answer may have shown a gap, which the next question mends.
      if (hasGap(client, provider)) await untilAnswered(world, client, provider, answered);
    }
  await askLiars(world, answered);
}

function hasGap({ kept: clientSetup, machine }: ClientStation, { running }: ProviderStation): boolean {
  const wallet = readWallet(machine.disk.walletRows());
  const channels = running?.ledger.channels().filter(({ terms }) => terms.payer === clientSetup.payer) ?? [];
  return channels.some(({ id, sequence }) => {
    const own = wallet.get(id);
    return own !== undefined && !own.lost && own.sequence < sequence;
  });
}

/** Whether they answer is theirs; that a client finds out what they told it before is a promise. */
async function askLiars(world: OpenWorld, answered: () => void): Promise<void> {
  for (const client of honest(world.clients))
    for (const provider of world.providers)
      if (provider.kept.plan.lie !== null && world.witness.believedLies.length > 0)
        await world.within(ask(world, client, provider, { question: 1, patienceMs: null }, answered), 400_000);
}

export const honest = <Kept extends { kept: { plan: { lie: string | null } } }>(stations: readonly Kept[]): Kept[] =>
  stations.filter(({ kept }) => kept.plan.lie === null);

/** Providers tell the node where all begin, and clients are told by it. */
async function meetAll(world: OpenWorld): Promise<void> {
  await meet(world, world.providers);
  await meet(world, world.clients);
}

async function untilAnswered(
  world: OpenWorld,
  client: ClientStation,
  provider: ProviderStation,
  answered: () => void,
): Promise<void> {
  const codes: string[] = [];
  for (const pauseMs of pausesMs) {
    await world.scheduler.sleep(pauseMs);
    await meet(world, [world.providers[0]!, provider]); // a client meets whom it needs by itself
    const asked = ask(world, client, provider, { question: 0, patienceMs: null }, answered);
    const code = await world.within(asked, 400_000);
    if (code === null) return;
    codes.push(code ?? 'NO END');
  }
  world.witness.violation(
    `liveness: ${client.kept.name} is never answered by ${provider.kept.name} although all faults are over: ${codes.join(', ')}`,
  );
}

/** When everybody meets again: rounds of discovery, and as long as an address that failed is left alone. */
const roundsMs = [0, 2_000, 2_000, 4_000, 10_000, 60_000, 660_000];

/**
 * An honest client comes to know what is listed; what was withdrawn, or rests on a false statement, is gone after one
 * round.
 */
async function checkDirectory(world: OpenWorld): Promise<void> {
  for (const [at, pauseMs] of roundsMs.entries()) {
    await world.scheduler.sleep(pauseMs);
    await meetAll(world);
    const wrong = compare(world);
    for (const { what, missing } of wrong)
      if (!missing || at === roundsMs.length - 1) world.witness.violation(`directory: ${what}`);
    if (wrong.length === 0) return;
  }
}

function compare({ providers, clients }: OpenWorld): { what: string; missing: boolean }[] {
  return honest(clients).flatMap(({ kept: clientSetup, running }) => {
    const known = new Set(running?.client.offers().map(({ offer }) => offer.index));
    return providers.flatMap(({ kept: providerSetup }) => {
      const info = providerSetup.index.info();
      const listed = info.visibility === 'listed' && providerSetup.plan.lie !== 'others-payee';
      if (known.has(info.id) === listed) return [];
      const why = providerSetup.plan.lie === 'others-payee' ? 'it names the payee of another' : `it is ${info.visibility}`;
      return [
        {
          what: `${clientSetup.name} ${listed ? 'does not know' : 'still lists'} the index of ${providerSetup.name}; ${why}`,
          missing: listed,
        },
      ];
    });
  });
}
