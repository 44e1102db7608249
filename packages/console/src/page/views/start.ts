import type { KnownOffer } from '@tributary/client/http';
import { button, el, fold, type Child } from '../dom.ts';
import { count, nameOf } from '../format.ts';
import { copyBlock, keyField } from '../parts/copy.ts';
import { pageExamplesMax } from '../limits.ts';
import { priceInWords } from './words.ts';

/** Asks a question of an index. */
export type Ask = (question: string, index: string) => void;

/** Questions that the owners of the indexes name, one of each index in turn. */
export function viewExamples(indexes: readonly KnownOffer[], ask: Ask): HTMLElement | null {
  const most = Math.max(0, ...indexes.map(({ offer }) => offer.card.questions?.length ?? 0));
  const inTurn = Array.from({ length: most }, (_, at) =>
    indexes.map((known) => ({ known, question: known.offer.card.questions?.[at] })),
  );
  const examples = inTurn.flat().filter(({ question }) => question !== undefined);
  if (examples.length === 0) return null;
  const items = examples.slice(0, pageExamplesMax).map(({ known, question }) => {
    const { index } = known.offer;
    const chip = button(null, () => ask(question!, index), { class: 'example' });
    chip.append(el('span', {}, question!), el('span', { class: 'quiet' }, `${nameOf(index)} · ${priceInWords(known)}`));
    return el('li', {}, chip);
  });
  return el(
    'section',
    { 'aria-labelledby': 'examples-title' },
    el('h2', { id: 'examples-title' }, 'Try a question'),
    el('ul', { class: 'examples' }, ...items),
  );
}

/** One card for each index on offer: what, licence, price, records, model. */
export function viewIndexes(indexes: readonly KnownOffer[], choose: (index: string) => void): HTMLElement {
  return el(
    'section',
    { 'aria-labelledby': 'indexes-title' },
    el('h2', { id: 'indexes-title' }, 'Indexes on offer'),
    el('ul', { class: 'cards' }, ...indexes.map((known) => card(known, choose))),
  );
}

function card(known: KnownOffer, choose: (index: string) => void): HTMLElement {
  const { offer, identity } = known;
  const { title, description, licence, records, modelId, languages, dimension } = offer.card;
  const name = nameOf(offer.index);
  return el(
    'li',
    { class: 'card' },
    el('h3', { dir: 'auto' }, title || name),
    el('p', { class: 'index-name' }, name),
    description === '' ? null : el('p', { dir: 'auto' }, description),
    el(
      'dl',
      { class: 'facts' },
      ...fact('Price', priceInWords(known)),
      ...fact('Licence', licence || 'none stated'),
      ...fact('Records', count(records)),
      ...fact(
        'Model',
        `${modelId.split('/').at(-1) ?? modelId}${languages.length === 0 ? '' : ` (${languages.slice(0, 3).join(', ')})`}`,
      ),
    ),
    fold(
      { class: 'owner' },
      'Signed by its owner',
      keyField('Owner', identity.did),
      keyField('Index', offer.index),
      el('p', { class: 'quiet' }, `Model ${modelId}, ${dimension} dimensions. The owner signed this card and the price.`),
    ),
    button(`Ask ${name}`, () => choose(offer.index), { class: 'choose' }),
  );
}

const fact = (name: string, value: Child): Node[] => [el('div', {}, el('dt', {}, name), el('dd', {}, value))];

/** No index is on offer: what to do about it. */
export function viewNoIndexes(retry: () => void): HTMLElement {
  return el(
    'section',
    { class: 'state' },
    el('h2', {}, 'No index on offer yet'),
    el('p', {}, 'This gateway knows no provider. Serve a folder of documents from another terminal, then look again:'),
    copyBlock('What a provider runs', 'tributary provide ./papers --index papers --licence CC-BY-4.0 --price 2 --publish'),
    el('div', { class: 'actions' }, button('Look again', retry)),
  );
}
