import type { VerifiedAnswer } from '@tributary/proof';
import type { Checked } from '../ask/check.ts';
import { el, fold } from '../dom.ts';
import { shortKey } from '../format.ts';
import { icon } from '../icons.ts';
import { citationOf } from '../parts/citation.ts';
import { copyButton } from '../parts/copy.ts';
import { headings, placeIn } from '../parts/source-line.ts';
import { passageText } from '../text/passage-text.ts';
import { viewChain } from './chain.ts';

/** One passage: what it says, and a quiet line of where it is from that opens into its proof. */
export function viewPassage(checked: Checked, answer: VerifiedAnswer, at: number): HTMLElement {
  const { shown } = answer.answer.results[at]!;
  const source = shown.source.value;
  const { element, toggle } = passageText(shown.text.value, source, answer.request.text ?? '');
  const title = source === null ? `Record ${shown.id.value}` : headings(source) || source.document;
  return el(
    'li',
    { class: 'result' },
    el('h3', { class: 'path', dir: 'auto' }, title),
    element,
    fold({ class: 'chain' }, [icon('check'), provenance(answer, at)], viewChain(checked, answer, at)),
    el(
      'div',
      { class: 'tools' },
      copyButton('Copy citation', () => citationOf(answer, at, checked.receipt ?? '')),
      toggle,
    ),
  );
}

/** Source, page, licence, signer. */
function provenance({ answer, writes }: VerifiedAnswer, at: number): HTMLElement {
  const { source, licence } = answer.results[at]!.shown;
  const place = source.value === null ? 'no document' : source.value.document;
  const page = source.value === null || source.value.page === null ? null : placeIn(source.value);
  const parts = [place, page, licence.value ?? 'no licence stated', `signed by ${shortKey(writes[at]!.statement.signer)}`];
  return el(
    'span',
    { class: 'provenance' },
    ...parts.filter((part) => part !== null).map((part) => el('span', { dir: 'auto' }, part)),
  );
}
