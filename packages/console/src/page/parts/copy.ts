import { button, el } from '../dom.ts';
import { icon } from '../icons.ts';

const SAID_MS = 1_600;

/** A button that copies a text, and says that it did. */
export function copyButton(label: string, text: () => string, described: string | null = null): HTMLButtonElement {
  const word = el('span', {}, label);
  const element = button(icon('copy'), () => void copy(), { class: 'copy', 'aria-label': described });
  element.append(word);
  const copy = async (): Promise<void> => {
    const copied = await navigator.clipboard.writeText(text()).then(
      () => true,
      () => false, // pages without HTTPS, or a reader who said no
    );
    word.textContent = copied ? 'Copied' : 'Select it yourself';
    if (described !== null) element.setAttribute('aria-label', `${word.textContent}: ${described}`);
    setTimeout(() => {
      word.textContent = label;
      if (described !== null) element.setAttribute('aria-label', described);
    }, SAID_MS);
  };
  return element;
}

/** A key or a hash in full, to be compared, with a button that copies it. */
export function keyField(name: string, value: string, ...marks: (Node | null)[]): HTMLElement {
  return el(
    'div',
    { class: 'key' },
    el('span', { class: 'key-name' }, name, ...marks.filter((mark) => mark !== null)),
    el('code', {}, value),
    copyButton('Copy', () => value, `Copy: ${name}`),
  );
}

/** A text to copy, such as a command. */
export function copyBlock(name: string, text: string): HTMLElement {
  return el(
    'figure',
    { class: 'snippet' },
    el(
      'figcaption',
      {},
      name,
      copyButton('Copy', () => text, `Copy: ${name}`),
    ),
    el('pre', { tabindex: '0' }, el('code', {}, text)),
  );
}
