import { button, el, freshId, type Child } from '../dom.ts';
import { webAddress } from '../format.ts';

/**
 * A link of a passage. It leads nowhere by itself: a click shows where it leads, and only a second one goes there.
 * Addresses that no browser should follow are not links at all.
 */
export function inertLink(address: string, ...children: Child[]): HTMLElement {
  const target = webAddress(address);
  if (target === null) return el('span', { class: 'reference', title: address }, ...children);
  const id = freshId('address');
  const shown = el('span', { class: 'address', id, hidden: '' }, target, ' ', opener(target));
  const link = button(
    null,
    () => {
      shown.hidden = !shown.hidden;
      link.setAttribute('aria-expanded', String(!shown.hidden));
    },
    { class: 'link', 'aria-expanded': 'false', 'aria-controls': id },
  );
  link.append(...children.filter((child) => child !== null));
  return el('span', {}, link, shown);
}

/** Opens an address in another tab, which learns nothing of this page. */
export function opener(address: string, label = 'Open'): HTMLElement {
  return el('a', { href: address, target: '_blank', rel: 'noopener noreferrer' }, label);
}
