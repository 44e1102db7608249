import type { Source } from '@tributary/schemas';
import { button, el, freshId } from '../dom.ts';
import { pageFoldPx } from '../limits.ts';
import { kindOf } from './kind.ts';
import { codeBlock, renderMarkdown } from './markdown.ts';
import { markMatches } from './marks.ts';

/** The text of a passage, for reading, and the control that shows it exactly as it was signed. */
export interface PassageText {
  element: HTMLElement;
  /** Null when it is shown exactly as signed anyway. */
  toggle: HTMLElement | null;
}

/** Shows a passage: Markdown rendered, code with its spaces, the words of the question marked. */
export function passageText(text: string, source: Source | null, question: string): PassageText {
  const kind = kindOf(source, text);
  const shown = el('div', { class: `text ${kind}`, dir: 'auto', id: freshId('text') }, ...contentOf(text, kind));
  markMatches(shown, question);
  return { element: shown, toggle: kind === 'markdown' ? signedToggle(shown, text) : null };
}

function contentOf(text: string, kind: ReturnType<typeof kindOf>): Node[] {
  if (text === '') return [el('p', { class: 'quiet' }, 'A vector without text.')];
  if (kind === 'markdown') return renderMarkdown(text);
  return kind === 'code' ? [codeBlock(text, null)] : [document.createTextNode(text)];
}

function signedToggle(shown: HTMLElement, text: string): HTMLElement {
  const rendered = [...shown.childNodes];
  const toggle = button(
    'Show as signed',
    () => {
      const signed = toggle.getAttribute('aria-pressed') !== 'true';
      toggle.setAttribute('aria-pressed', String(signed));
      shown.replaceChildren(...(signed ? [el('pre', { class: 'signed', tabindex: '0' }, text)] : rendered));
    },
    { 'aria-pressed': 'false', class: 'plainly' },
  );
  return toggle;
}

/** Folds a long text. Call it when the text is on the page, because only then its height is known. */
export function foldLong(text: HTMLElement): void {
  if (text.scrollHeight <= pageFoldPx * 1.25) return;
  const unfold = (open: boolean): void => {
    text.classList.toggle('folded', !open);
    more.textContent = open ? 'Show less' : 'Show the whole passage';
    more.setAttribute('aria-expanded', String(open));
  };
  const more = button('', () => unfold(text.classList.contains('folded')), { class: 'more', 'aria-controls': text.id });
  // Whoever tabs to something below the fold wants to see it.
  text.addEventListener('focusin', () => unfold(true));
  text.after(more);
  unfold(false);
}
