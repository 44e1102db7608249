import type { Trouble } from '../ask/trouble.ts';
import { button, el } from '../dom.ts';
import { icon, type Icon } from '../icons.ts';
import { copyBlock, keyField } from '../parts/copy.ts';

const ICONS: Readonly<Record<Trouble['kind'], Icon>> = {
  offline: 'offline',
  credit: 'wallet',
  budget: 'wallet',
  key: 'shield',
  error: 'warning',
};

/** What such a message ends with; the page says it in its own way. */
const GRANT = /; its owner can grant more.*$/;

/**
 * There is no answer: why, and what to do.
 *
 * @param payer address of the wallet, if it is known
 */
export function viewTrouble({ kind, title, text, code }: Trouble, payer: string | null, retry: () => void): HTMLElement {
  return el(
    'section',
    { class: `state ${kind}`, role: 'alert' },
    icon(ICONS[kind]),
    el('h2', {}, title),
    el('p', { dir: 'auto' }, kind === 'credit' && payer !== null ? text.replace(GRANT, '.') : text),
    ...(kind === 'credit' && payer !== null ? howToGetCredit(payer) : []),
    kind === 'offline' ? el('p', { class: 'quiet' }, 'Nothing was charged for a question that the gateway never got.') : null,
    el('div', { class: 'actions' }, button('Try again', retry, { class: 'main' })),
    code === null ? null : el('p', { class: 'code' }, code),
  );
}

function howToGetCredit(payer: string): HTMLElement[] {
  return [
    el('p', {}, 'The owner of the index grants credit to the address of your wallet:'),
    keyField('Your wallet', payer),
    copyBlock('What the owner runs', `tributary credit grant ${payer} 1000`),
  ];
}

/** Where the answers will be. */
export function viewLoading(indexes: number): HTMLElement {
  const lines = () => el('div', { class: 'ghost' }, el('span'), el('span'), el('span'), el('span'));
  return el('div', { class: 'loading', 'aria-hidden': 'true' }, ...Array.from({ length: Math.max(2, indexes) }, lines));
}
