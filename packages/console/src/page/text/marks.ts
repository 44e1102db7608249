import { queryTerms, terms } from '@tributary/proof/ranking';
import { el } from '../dom.ts';

const WORD = /[\p{L}\p{N}\p{M}]+/gu;

/** Marks the words of the elements that count as words of the question, by the same rule as its BM25 score. */
export function markMatches(root: Node, question: string): void {
  const wanted = new Set(queryTerms(question).keys());
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const texts: Text[] = [];
  while (walker.nextNode()) texts.push(walker.currentNode as Text);
  for (const text of texts) {
    const parts = split(text.data, wanted);
    if (parts.length > 1 || parts[0] instanceof Element) text.replaceWith(...parts);
  }
}

function split(text: string, wanted: ReadonlySet<string>): (string | Element)[] {
  const parts: (string | Element)[] = [];
  let from = 0;
  for (const { index, 0: word } of text.matchAll(WORD)) {
    for (const [start, end] of rangesIn(word, wanted)) {
      if (index + start > from) parts.push(text.slice(from, index + start));
      parts.push(el('mark', {}, text.slice(index + start, index + end)));
      from = index + end;
    }
  }
  if (from < text.length || parts.length === 0) parts.push(text.slice(from));
  return parts;
}

/** Parts of a word that match: all of it, or pairs of signs in a script without spaces. */
function rangesIn(word: string, wanted: ReadonlySet<string>): [number, number][] {
  const found = terms(word);
  if (found.length <= 1) return found.some((term) => wanted.has(term)) ? [[0, word.length]] : [];
  const ranges: [number, number][] = [];
  const signs = [...word];
  let at = 0;
  for (let next = 1; next < signs.length; next += 1) {
    const start = at;
    at += signs[next - 1]!.length;
    const end = at + signs[next]!.length;
    if (!terms(`${signs[next - 1]}${signs[next]}`).some((term) => wanted.has(term))) continue;
    const last = ranges.at(-1);
    if (last !== undefined && last[1] >= start) last[1] = end;
    else ranges.push([start, end]);
  }
  return ranges;
}
