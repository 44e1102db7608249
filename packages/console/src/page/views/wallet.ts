import type { KnownOffer } from '@tributary/client/http';
import type { GatewayCredit } from '@tributary/schemas';
import { el, fold, terms } from '../dom.ts';
import { money, nameOf } from '../format.ts';
import { icon } from '../icons.ts';
import { keyField } from '../parts/copy.ts';
import { creditFor } from '../ask/credit.ts';

/** What the reader can spend, and with whom; null when the gateway does not say. */
export function viewWallet(indexes: readonly KnownOffer[], credit: GatewayCredit | null): HTMLDetailsElement | null {
  const [first] = indexes;
  if (credit === null || first === undefined) return null;
  const { unit } = first.offer;
  const owners = new Map(indexes.map((known) => [known.identity.did, known]));
  const named = (did: string) =>
    indexes
      .filter(({ identity }) => identity.did === did)
      .map(({ offer }) => nameOf(offer.index))
      .join(', ');
  const all = creditFor([...owners.values()], credit);
  const rows = credit.providers
    .filter(({ provider }) => owners.has(provider))
    .map(({ provider, credit: amount }) => {
      const own = owners.get(provider)!.offer.unit;
      return [named(provider), amount === null ? 'did not answer' : money(amount, own)] as const;
    });
  const budget = credit.budget === null ? [] : ([['Budget of your key', money(credit.budget, unit)]] as const);
  const element = fold(
    { class: 'wallet' },
    [icon('wallet'), el('span', {}, all === null ? 'Wallet' : money(all, unit))],
    el(
      'div',
      { class: 'sheet' },
      el('p', {}, 'Each owner grants credit for its own indexes. Your gateway spends it and states it here.'),
      terms([...rows, ...budget]),
      keyField('Address of the wallet', credit.payer),
    ),
  );
  closeWhenLeft(element);
  return element;
}

/** It covers the page, so it goes as soon as the reader turns to something else. */
function closeWhenLeft(element: HTMLDetailsElement): void {
  element.addEventListener('toggle', () => {
    if (!element.open) return;
    const elsewhere = ({ target }: Event): void => {
      if (target instanceof Node && element.contains(target)) return;
      element.open = false;
      document.removeEventListener('pointerdown', elsewhere);
    };
    document.addEventListener('pointerdown', elsewhere);
  });
  element.addEventListener('keydown', ({ key }) => {
    if (key !== 'Escape') return;
    element.open = false;
    element.querySelector('summary')?.focus();
  });
  element.addEventListener('focusout', ({ relatedTarget }) => {
    if (relatedTarget instanceof Node && !element.contains(relatedTarget)) element.open = false;
  });
}
