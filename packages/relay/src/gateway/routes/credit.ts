import type { ProviderCredit } from '@tributary/client';
import { gatewayCredit, type GatewayCredit } from '@tributary/schemas';
import { askingRow, type Endpoint } from '../endpoint.ts';
import type { InFlight } from '../in-flight.ts';
import { payerOf } from '../spend.ts';
import type { GatewayDeps, GatewayRoute } from '../types.ts';

interface Credit {
  payer: string;
  budget: bigint | null;
  providers: ProviderCredit[];
}

const creditEndpoint: Endpoint<null, Credit> = {
  id: 'credit',
  summary: 'What your account can still spend with each provider, and what the budget of your key leaves.',
  replies: { 200: { description: 'The credit.', schema: gatewayCredit } },
  errors: ['WALLET_DAMAGED', 'OVERLOADED', 'ABORTED'],
  parse: () => null,
  shape: ({ payer, budget, providers }): GatewayCredit => ({
    payer,
    // A budget that was made smaller than what is spent leaves nothing.
    budget: budget === null ? null : String(budget < 0n ? 0n : budget),
    providers: providers.map(({ provider, credit }) => ({ provider, credit: credit === null ? null : String(credit) })),
  }),
};

/** The credit of the caller's account, of the providers whose indexes it may ask. */
export function creditRows(deps: GatewayDeps, inFlight: InFlight): GatewayRoute[] {
  const { credit, client } = deps;
  if (credit === undefined) return [];
  return [
    askingRow(inFlight, ['GET', '/v1/credit'], { permission: 'read' }, creditEndpoint, async (_, caller) => {
      const { wallet } = await payerOf(caller, deps);
      const covered = new Set(
        client
          .offers()
          .filter(({ offer }) => caller.covers(offer.index))
          .map(({ identity }) => identity.did),
      );
      const providers = (await credit.of(wallet)).filter(({ provider }) => covered.has(provider));
      return { payer: credit.payer, budget: caller.left(), providers };
    }),
  ];
}
