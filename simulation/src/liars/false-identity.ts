import { networkOf, signStatement, TAG_IDENTITY } from '@tributary/proof';
import type { Ledger } from '@tributary/relay/testing';
import type { ProviderPlan } from '../plan-types.ts';
import type { Goods, Shelf } from '../shelf.ts';

/** An identity statement that names another provider's payee: whoever believes it pays into that one's channel. */
export function falseIdentity({ providers }: Shelf, at: number): Goods['identity'] {
  const own = providers[at]!;
  const victim = victimOf({ providers }, at);
  const identity = { ...own.identity.identity, payee: victim.keys.receipt.address };
  const { body, signature, hash } = signStatement(TAG_IDENTITY, identity, own.keys.owner.seed);
  return { identity, hash, signed: { ...own.identity.signed, body, signature } };
}

/** The ledger as the offers of this provider name it: a liar with another's payee names that one's network too. */
export function networkNamed(shelf: Pick<Shelf, 'providers'>, shop: { at: number; plan: ProviderPlan }, ledger: Ledger) {
  const { offers, keepOffer, forgetOffers } = ledger;
  const network = shop.plan.lie === 'others-payee' ? networkOf(victimOf(shelf, shop.at).keys.owner.did) : ledger.network;
  return { network, offers, keepOffer, forgetOffers };
}

const victimOf = ({ providers }: Pick<Shelf, 'providers'>, at: number): Goods => providers[at === 0 ? 1 : 0]!;
