export type Child = Node | string | null;
type Attributes = Readonly<Record<string, string | null>>;

/**
 * An element with attributes and children; attributes that are null are left out. Strings become text nodes only: no
 * text is ever read as markup.
 */
export function el<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== null) element.setAttribute(name, value);
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** A list of terms and values. Entries without a value are left out. */
export function terms(entries: readonly (readonly [string, Child])[]): HTMLElement {
  return el('dl', {}, ...entries.flatMap(([name, value]) => (value === null ? [] : [el('dt', {}, name), el('dd', {}, value)])));
}

export function button(label: Child, act: () => void, attributes: Attributes = {}): HTMLButtonElement {
  const element = el('button', { type: 'button', ...attributes }, label);
  element.addEventListener('click', act);
  return element;
}

/** What opens under a line. */
export function fold(attributes: Attributes, line: Child | readonly Child[], ...content: Child[]): HTMLDetailsElement {
  const summary = el('summary', {}, ...(Array.isArray(line) ? (line as Child[]) : [line as Child]));
  return el('details', attributes, summary, ...content);
}

/** The page's own element with this id. */
export function byId<T extends HTMLElement>(id: string, kind: new () => T): T {
  const element = document.getElementById(id);
  if (!(element instanceof kind)) throw new Error(`the page has no ${id}`);
  return element;
}

let named = 0;

/** An id for an element that another one names. */
export function freshId(what: string): string {
  named += 1;
  return `${what}-${named}`;
}
