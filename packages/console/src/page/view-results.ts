import type { VerifiedAnswer } from '@tributary/proof';
import type { ResultItem, Source } from '@tributary/schemas';
import { el, terms } from './dom.ts';
import { score, shortKey, webAddress } from './format.ts';

/** The results of a verified answer, in their proven order. */
export function viewResults({ answer, writes, request }: VerifiedAnswer): HTMLElement {
  if (answer.results.length === 0) {
    const line = `The provider says that it has no record with a relevance of ${score(request.minRelevance)} or more on this. That it left none out is not proven.`;
    return el('p', { class: 'quiet' }, line);
  }
  return el('ol', { class: 'results' }, ...answer.results.map((item, at) => viewResult(item, writes[at]!.statement)));
}

type Write = VerifiedAnswer['writes'][number]['statement'];

function viewResult(item: ResultItem, write: Write): HTMLElement {
  const { text, source, licence, id } = item.shown;
  return el(
    'li',
    { class: 'result' },
    source.value ? el('p', { class: 'path', dir: 'auto' }, headings(source.value)) : null,
    el('p', { class: 'text', dir: 'auto' }, text.value || '(a vector without text)'),
    terms([
      ['Source', source.value ? place(source.value) : `record ${id.value}`],
      ['Score', scores(item)],
      ['Licence', licence.value ?? 'none stated'],
      ['Signed by', signer(write)],
    ]),
  );
}

function headings({ title, context }: Source): string {
  if (context === '' || context.startsWith(title)) return context || title;
  return title === '' ? context : `${title} › ${context}`;
}

function place({ document, uri, page, pageEnd, start, end }: Source): HTMLElement {
  const address = webAddress(uri);
  const name = address === null ? document : el('a', { href: address }, document);
  const pages = page === null ? null : pageEnd === null || pageEnd === page ? `, page ${page}` : `, pages ${page} to ${pageEnd}`;
  return el('span', {}, name, pages ?? `, bytes ${start} to ${end}`);
}

function scores({ score: total, relevance, dense, bm25 }: ResultItem): string {
  const parts = [`relevance ${score(relevance)}`, `score ${score(total)}`];
  if (dense !== null) parts.push(`meaning ${score(dense)}`);
  if (bm25 !== null) parts.push(`keywords ${score(bm25)}`);
  return parts.join(' · ');
}

function signer({ signer: key, custody, author }: Write): HTMLElement {
  const held = custody === 'self' ? '' : ' (key kept by the provider)';
  const said = author === null ? '' : `; names ${author} as author`;
  return el('span', { title: key }, `${shortKey(key)}${held}${said}`);
}
