import { isTributaryError } from '@tributary/schemas';
import type { Step } from '../plan/types.ts';
import { questions } from '../fixtures.ts';
import { repriced } from './sim-provider.ts';
import type { ClientStation, OpenWorld, ProviderStation } from './world.ts';

/** One step of the plan. Never rejects. It may stay open for ever when the acting process dies. */
export async function act(world: OpenWorld, step: Step, answered: () => void): Promise<void> {
  if (step.kind === 'restart') return world.station(step.node)?.restart(step.downMs);
  const provider = world.providers[step.provider]!;
  const { kept: providerSetup, running } = provider;
  if (step.kind !== 'ask') world.witness.note(`${providerSetup.name} ${step.kind}`);
  switch (step.kind) {
    case 'ask': {
      const client = world.clients[step.client]!;
      // Real nodes meet every two seconds; here they meet only before a question.
      await meet(world, step.meet ? [provider, client] : [provider]);
      const one = () => ask(world, client, provider, step, answered);
      await Promise.all(Array.from({ length: step.count }, one));
      return;
    }
    case 'grow':
      providerSetup.index.grow();
      return tell(world, provider);
    case 'withdraw':
    case 'publish':
      providerSetup.index.visibility = step.kind === 'publish' ? 'listed' : 'private';
      return tell(world, provider);
    case 'reprice':
      providerSetup.policy = repriced(providerSetup);
      return tell(world, provider);
    case 'prune':
      await running
        ?.prune()
        .catch((error: unknown) => world.witness.note(`${providerSetup.name} does not prune: ${String(error)}`));
  }
}

/** What the timers of a node do: renew offers, and contact the known nodes. */
export async function meet(world: OpenWorld, stations: readonly (ProviderStation | ClientStation)[]): Promise<void> {
  for (const station of stations) if (isProvider(station)) await renew(world, station);
  await world.within(Promise.allSettled(stations.map(async ({ running }) => running?.discovery.round())), 10_000);
}

const isProvider = (station: ProviderStation | ClientStation): station is ProviderStation => 'index' in station.kept;

/** The next offer has what changed, and nodes that are contacted receive it. */
async function tell(world: OpenWorld, provider: ProviderStation): Promise<void> {
  await meet(world, [provider]);
}

async function renew({ witness, within }: OpenWorld, { kept, running }: ProviderStation): Promise<void> {
  if (running === null) return;
  const work = running.refresh().catch((error: unknown) => witness.note(`${kept.name} makes no offer: ${String(error)}`));
  await within(work, 10_000);
}

export interface AskedHow {
  readonly question: number;
  readonly patienceMs: number | null;
}

/**
 * One question of a client.
 *
 * @returns the code of its refusal; null when it was answered
 */
export async function ask(
  { witness, scheduler }: OpenWorld,
  { kept: clientSetup, running }: ClientStation,
  { kept: providerSetup }: ProviderStation,
  { question, patienceMs }: AskedHow,
  answered: () => void,
): Promise<string | null> {
  const who = `${clientSetup.name} asks ${providerSetup.name}`;
  if (running === null) {
    witness.note(`${who}: it is down`);
    return 'DOWN';
  }
  const patience = new AbortController();
  const stop = patienceMs === null ? () => undefined : scheduler.after(patienceMs, () => patience.abort());
  const { vector, topK, minRelevance } = questions[question]!;
  try {
    const asked = { index: providerSetup.index.info().id, vector, topK, minRelevance, mode: 'dense' } as const;
    const { answers } = await running.client.query(asked, { signal: patience.signal });
    answered();
    const { receipt, response, payment } = answers[0]!.bundle();
    witness.believed(clientSetup.name, payment?.ticket.id ?? '', { receipt, body: new TextEncoder().encode(response) });
    witness.note(`${who}: answered for ${answers[0]!.usage.charge}`);
    return null;
  } catch (error) {
    const code = isTributaryError(error) ? error.code : 'RAW';
    witness.note(`${who}: ${code} ${error instanceof Error ? error.message : String(error)}`);
    if (code === 'RAW') witness.violation(`${who} gets a raw error: ${error instanceof Error ? error.stack : String(error)}`);
    return code;
  } finally {
    stop();
  }
}
