type Child = Node | string | null;
interface Attributes {
  class?: string;
  href?: string;
  title?: string;
  type?: string;
  value?: string;
  dir?: string;
}

/** An element with attributes and children. Strings become text nodes only: no text is ever read as markup. */
export function el(tag: string, attributes: Attributes = {}, ...children: Child[]): HTMLElement {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** A list of terms and values. Entries without a value are left out. */
export function terms(entries: [string, Child][]): HTMLElement {
  return el('dl', {}, ...entries.flatMap(([name, value]) => (value === null ? [] : [el('dt', {}, name), el('dd', {}, value)])));
}

export function button(label: string, act: () => void): HTMLElement {
  const element = el('button', { type: 'button' }, label);
  element.addEventListener('click', act);
  return element;
}

/** The page's own element with this id. */
export function byId<T extends HTMLElement>(id: string, kind: new () => T): T {
  const element = document.getElementById(id);
  if (!(element instanceof kind)) throw new Error(`the page has no ${id}`);
  return element;
}
