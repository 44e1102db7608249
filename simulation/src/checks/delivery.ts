import type { Receipt } from '@tributary/schemas';
import { losesRows } from '../plan/lost-rows.ts';
import { honest } from './liveness.ts';
import type { ClientStation, OpenWorld, ProviderStation } from '../world/world.ts';

/** Longest wait for the answers that providers still keep. */
const recoverMsMax = 60_000;

/** What the timer of a client does: it asks for answers that were charged and that nobody got. */
export async function recover({ clients, within }: OpenWorld): Promise<void> {
  for (const { running } of honest(clients)) if (running !== null) await within(running.client.recovered(), recoverMsMax);
}

/**
 * Every charge that a wallet books as spent is an answer that was handed out or is kept. What its provider does not
 * give any more is booked apart. A disk that loses rows loses what they said about an answer.
 */
export async function checkDelivered(world: OpenWorld): Promise<void> {
  for (const client of honest(world.clients)) {
    if (client.running === null || losesRows(world.plan, client.kept.name)) continue;
    const kept: Receipt[] = [];
    for (const answer of await client.running.client.recovered({ ask: false })) {
      const proof = await answer.proof();
      if (proof !== null) kept.push(proof.receipt);
    }
    for (const provider of honest(world.providers)) await compare(world, client, provider, kept);
  }
}

async function compare(
  { witness }: OpenWorld,
  { kept: clientSetup, running }: ClientStation,
  provider: ProviderStation,
  kept: readonly Receipt[],
): Promise<void> {
  if (running === null || provider.running === null) return;
  const channels = new Set(provider.running.ledger.channels().map(({ id }) => id));
  const handed = witness.delivered.filter(({ client }) => client === clientSetup.name).map(({ receipt }) => receipt);
  const receipts = [...handed, ...kept].filter(({ channel }) => channels.has(channel));
  const charges = new Map(receipts.map(({ signature, charge }) => [signature, BigInt(charge)]));
  const had = [...charges.values()].reduce((sum, charge) => sum + charge, 0n);
  const { did } = provider.kept.fixtures.keys.owner;
  const { providers } = await running.wallet.totals();
  const spent = providers.filter((one) => one.did === did).reduce((sum, one) => sum + one.spent, 0n);
  // Less may be spent than was had: an answer handed out just before a kill is asked for again, and may be gone.
  if (spent > had)
    witness.violation(
      `delivery: ${clientSetup.name} spent ${spent} at ${provider.kept.name}, and answers for ${had} were handed out or are kept`,
    );
}
