import type { KnownOffer } from '@tributary/client/http';
import { el } from './dom.ts';
import { nameOf } from './format.ts';
import { pageIndexesMax } from './limits.ts';

/** The value that means every listed index, in the list and in the address. */
const ALL = '*';

/** The list of indexes that a reader chooses from. */
export interface Choice {
  /** Replaces the list. False when the wanted index is not in it, or means several; then none is chosen. */
  list(indexes: readonly KnownOffer[], wanted: string | null): boolean;
  chosen(): readonly KnownOffer[];
  choose(index: string): void;
  /** For the address bar; empty when none is chosen. */
  value(): string;
}

export function createChoice(select: HTMLSelectElement): Choice {
  let indexes: readonly KnownOffer[] = [];
  return {
    list(listed, wanted) {
      indexes = listed;
      select.replaceChildren(...optionsOf(indexes));
      const value = wanted === null ? usual(indexes) : meant(indexes, wanted);
      if (value === null) select.selectedIndex = -1; // a wrong name never selects another index, or all of them
      else select.value = value;
      return value !== null;
    },
    chosen: () => (select.value === ALL ? indexes : indexes.filter(({ offer }) => offer.index === select.value)),
    choose: (index) => void (select.value = index),
    value: () => select.value,
  };
}

function optionsOf(indexes: readonly KnownOffer[]): HTMLElement[] {
  const options = indexes.map(({ offer }) => {
    const name = nameOf(offer.index);
    return el('option', { value: offer.index }, offer.card.title === '' ? name : `${offer.card.title} (${name})`);
  });
  if (indexes.length !== 1)
    options.unshift(el('option', { value: '' }, indexes.length === 0 ? 'none known yet' : 'choose an index'));
  if (canAskAll(indexes))
    options.push(el('option', { value: ALL }, indexes.length === 2 ? 'both of them' : `all ${indexes.length} of them`));
  return options;
}

const usual = (indexes: readonly KnownOffer[]): string => (indexes.length === 1 ? indexes[0]!.offer.index : '');

/** The index of that id or name; null when there is none, or more than one. */
function meant(indexes: readonly KnownOffer[], wanted: string): string | null {
  if (wanted === ALL && canAskAll(indexes)) return ALL;
  const found = indexes.filter(({ offer: { index } }) => index === wanted || nameOf(index) === wanted);
  return found.length === 1 ? found[0]!.offer.index : null;
}

/** Amounts of different units cannot be added. */
function canAskAll(indexes: readonly KnownOffer[]): boolean {
  return indexes.length > 1 && indexes.length <= pageIndexesMax && new Set(indexes.map(({ offer }) => offer.unit)).size === 1;
}
