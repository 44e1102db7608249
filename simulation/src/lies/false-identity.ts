import { networkOf } from '@tributary/proof/payment';
import { signIdentity } from '@tributary/proof/statements';
import type { Ledger } from '@tributary/relay/testing';
import type { ProviderPlan } from '../plan/types.ts';
import type { ProviderFixtures, Fixtures } from '../fixtures.ts';

/**
 * An identity statement that names another provider's payee, whose key the liar does not have. A client that believes
 * it pays into the other provider's channel.
 */
export function falseIdentity({ providers }: Fixtures, at: number): ProviderFixtures['identity'] {
  const { keys, identity } = providers[at]!;
  const stolen = { ...identity.identity, payee: victimOf({ providers }, at).keys.receipt.address };
  return { identity: stolen, ...signIdentity(stolen, { owner: keys.owner.seed, payee: keys.receipt.privateKey }) };
}

/** The network that the offers of this provider name. A liar with another's payee also names the other's network. */
export function networkNamed(
  fixtures: Pick<Fixtures, 'providers'>,
  providerSetup: { at: number; plan: ProviderPlan },
  ledger: Ledger,
) {
  const { offers, keepOffer, forgetOffers } = ledger;
  const network =
    providerSetup.plan.lie === 'others-payee' ? networkOf(victimOf(fixtures, providerSetup.at).keys.owner.did) : ledger.network;
  return { network, offers, keepOffer, forgetOffers };
}

const victimOf = ({ providers }: Pick<Fixtures, 'providers'>, at: number): ProviderFixtures => providers[at === 0 ? 1 : 0]!;
