import { ask, meet } from '../world/act.ts';
import { policyOf } from '../world/sim-provider.ts';
import { readWallet } from './wallet-rows.ts';
import type { ClientStation, OpenWorld, ProviderStation } from '../world/world.ts';

/** Ends all faults: networks and disks work, clocks are right, and every machine runs. */
export async function heal(world: OpenWorld): Promise<void> {
  const { witness, faults, scheduler } = world;
  witness.note('all faults are over');
  faults.end();
  const all = [...world.providers, ...world.clients];
  for (const { machine } of all) machine.setClock(0);
  await scheduler.sleep(60_000); // half-open links are noticed, and nodes that were starting are up
  for (const station of all) {
    await world.within(station.revive(), 120_000);
    if (station.running === null) witness.violation(`${station.machine.name} does not come up again`);
  }
}

/** Waits between attempts of the next honest question: seconds, minutes, hours, and until the caps of a new day. */
const pausesMs = [0, 2_000, 30_000, 300_000, 900_000, 3_600_000, 10_800_000, 86_400_000, 86_400_000];

/** Liveness: honest providers are found and answer. */
export async function checkLiveness(world: OpenWorld, answered: () => void): Promise<void> {
  await checkDirectory(world);
  for (const { kept } of world.providers) {
    kept.index.visibility = 'listed';
    kept.policy = policyOf(kept.plan);
  }
  const pairs = honest(world.clients).flatMap((client) => honest(world.providers).map((provider) => ({ client, provider })));
  await untilAnswered(world, pairs, answered);
  await world.scheduler.sleep(1_000); // the rows are written
  // The receipts of those answers may have revealed gaps, which the next question repairs.
  await untilAnswered(
    world,
    pairs.filter(({ client, provider }) => hasGap(client, provider)),
    answered,
  );
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

/** Liars may answer or not. But a client must notice lies that they told before. */
async function askLiars(world: OpenWorld, answered: () => void): Promise<void> {
  for (const client of honest(world.clients))
    for (const provider of world.providers)
      if (provider.kept.plan.lie !== null && world.witness.believedLies.length > 0)
        await world.within(ask(world, client, provider, { question: 1, patienceMs: null }, answered), 400_000);
}

export const honest = <Kept extends { kept: { plan: { lie: string | null } } }>(stations: readonly Kept[]): Kept[] =>
  stations.filter(({ kept }) => kept.plan.lie === null);

/** Providers announce themselves to the bootstrap node, and clients learn of them there. */
async function meetAll(world: OpenWorld): Promise<void> {
  await meet(world, world.providers);
  await meet(world, world.clients);
}

interface Pair {
  readonly client: ClientStation;
  readonly provider: ProviderStation;
}

/** Every pair tries before any of them waits: answers are kept for minutes, and the wait may be until the next day. */
async function untilAnswered(world: OpenWorld, pairs: readonly Pair[], answered: () => void): Promise<void> {
  let waiting = pairs.map((pair) => ({ ...pair, codes: [] as string[] }));
  for (const pauseMs of pausesMs) {
    if (waiting.length === 0) return;
    await world.scheduler.sleep(pauseMs);
    const failed: typeof waiting = [];
    for (const { client, provider, codes } of waiting) {
      await meet(world, [world.providers[0]!, provider]); // a client contacts the nodes it needs by itself
      const asked = ask(world, client, provider, { question: 0, patienceMs: null }, answered);
      const code = await world.within(asked, 400_000);
      if (code !== null) failed.push({ client, provider, codes: [...codes, code ?? 'NO END'] });
    }
    waiting = failed;
  }
  for (const { client, provider, codes } of waiting)
    world.witness.violation(
      `liveness: ${client.kept.name} is never answered by ${provider.kept.name} although all faults are over: ${codes.join(', ')}`,
    );
}

/** Waits between meetings of all nodes: rounds of discovery, and as long as a failed address is left alone. */
const roundsMs = [0, 2_000, 2_000, 4_000, 10_000, 60_000, 660_000];

/**
 * An honest client learns what is listed. What was withdrawn, or depends on a false statement, is gone after one round.
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
