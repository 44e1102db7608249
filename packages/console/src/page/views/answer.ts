import type { VerifiedAnswer } from '@tributary/proof';
import type { Checked } from '../ask/check.ts';
import { button, el, fold, terms } from '../dom.ts';
import { count, counted, money, nameOf, score, time } from '../format.ts';
import { icon } from '../icons.ts';
import { copyBlock, keyField } from '../parts/copy.ts';
import { saveFile } from '../parts/save.ts';
import { snippetsOf } from '../parts/snippets.ts';
import { viewPassage } from './passage.ts';
import { NOT_PROVEN } from './words.ts';

/** What the reader may do with an answer. */
export interface Acts {
  pin(answer: VerifiedAnswer): void;
  forget(): void;
  again(): void;
  /** The question as it is asked, for programs. */
  asked: { gateway: string; query: string; topK: number; keyed: boolean; mostOf(index: string): bigint };
}

/** One answer: the verdict of this browser, the passages that it verified, and everything behind them. */
export function viewAnswer(checked: Checked, acts: Acts): HTMLElement {
  const { answer, failed, trusted } = checked;
  if (failed !== null || answer === null) return viewRefusal(checked, acts);
  return el(
    'section',
    { class: `answer ${trusted ? 'trusted' : 'verified'}`, 'aria-label': `Answer of ${nameOf(answer.offer.index)}` },
    verdict(checked, answer),
    passages(checked, answer),
    el(
      'div',
      { class: 'proof', role: 'group', 'aria-label': `Proof of the answer of ${nameOf(answer.offer.index)}` },
      el('div', { class: 'actions' }, save(checked), pins(checked, answer, acts)),
      keys(answer),
      facts(checked, answer),
      notProven(checked),
      forPrograms(answer, acts),
    ),
  );
}

function verdict({ trusted, charge }: Checked, { answer, offer, snapshot }: VerifiedAnswer): HTMLElement {
  const from = offer.card.title || nameOf(offer.index);
  const paid = charge === null ? 'nothing paid' : `${money(charge, offer.unit)} paid`;
  return el(
    'header',
    { class: 'verdict' },
    el('h2', {}, icon('shield'), 'Verified in your browser'),
    el(
      'p',
      {},
      `${counted(answer.results.length, 'passage')} from `,
      el('strong', { dir: 'auto' }, from),
      `, snapshot ${count(snapshot.manifest.sequence)} · ${paid}`,
    ),
    el(
      'p',
      { class: 'standing' },
      trusted ? 'By keys that you have pinned.' : 'By keys that you have not compared with their owner yet.',
    ),
  );
}

function passages(checked: Checked, answer: VerifiedAnswer): HTMLElement {
  const { results } = answer.answer;
  if (results.length > 0) return el('ol', { class: 'results' }, ...results.map((_, at) => viewPassage(checked, answer, at)));
  const bound = score(answer.request.minRelevance);
  return el(
    'div',
    { class: 'state' },
    icon('empty'),
    el('h3', {}, 'Nothing on this in the index'),
    el('p', {}, `The provider says that no record reaches a relevance of ${bound}. That it left none out is not proven.`),
    el('p', { class: 'quiet' }, 'Say it in other words, or ask another index.'),
  );
}

/** A proof that does not hold. Nothing of its answer is shown. */
function viewRefusal(checked: Checked, acts: Acts): HTMLElement {
  const { failed, known } = checked;
  return el(
    'section',
    { class: 'answer refused', role: 'alert' },
    el('header', { class: 'verdict' }, el('h2', {}, icon('warning'), `Refused: ${failed?.code ?? 'BUNDLE_SHAPE'}`)),
    el('p', {}, `The proof from ${nameOf(known.offer.index)} is not valid: ${failed?.message ?? 'it cannot be read'}.`),
    el('p', {}, 'Nothing of this answer is shown. Somebody between its owner and you may have changed it, or made it up.'),
    el('div', { class: 'actions' }, button('Ask again', acts.again, { class: 'main' }), save(checked)),
  );
}

/** Saves the exact text that was verified, for `tributary verify` or any other verifier. */
function save({ file, receipt }: Checked): HTMLElement {
  return button('Save proof', () => saveFile(`tributary-${(receipt ?? 'refused').slice(0, 16)}.json`, file));
}

const pins = ({ trusted }: Checked, answer: VerifiedAnswer, acts: Acts): HTMLElement =>
  trusted ? button('Forget pinned keys', () => acts.forget()) : button('Pin these keys', () => acts.pin(answer));

/** Every key that the answer depends on, in full, and whether this reader has pinned it. */
function keys({ writes, identity, pinned }: VerifiedAnswer): HTMLElement {
  const signers = [...new Set(writes.map(({ statement }) => statement.signer))];
  const unpinned = Object.values(pinned).filter((one) => one === false).length;
  return fold(
    { class: 'keys' },
    `Keys: ${unpinned === 0 ? 'all pinned' : `${unpinned} not pinned`}`,
    ...signers.map((did) => keyField('Signer', did, mark(pinned.signers))),
    keyField('Log', identity.did, mark(pinned.log)),
    pinned.payee === null ? null : keyField('Paid to', identity.payee, mark(pinned.payee)),
    el(
      'p',
      { class: 'quiet' },
      'A proof shows that these keys signed, not whose they are. Compare them with what their owner tells you, then pin them.',
    ),
  );
}

const mark = (pinned: boolean | null): HTMLElement =>
  el('span', { class: pinned ? 'mark pinned' : 'mark' }, pinned ? 'pinned' : 'not pinned');

function facts({ receipt, charge, servedAt }: Checked, { offer, snapshot }: VerifiedAnswer): HTMLElement {
  return fold(
    { class: 'facts' },
    'What was checked',
    el('p', {}, 'Signatures, hashes, scores, order and price: every check of the verifier passed.'),
    terms([
      ['Index', offer.index],
      ['Snapshot', `${count(snapshot.manifest.sequence)}, of ${time(snapshot.manifest.time)}`],
      ['Answered', servedAt === null ? null : time(servedAt)],
      ['Paid', charge === null ? null : money(charge, offer.unit)],
      ['Receipt', receipt],
    ]),
  );
}

function notProven({ notProven: list }: Checked): HTMLElement {
  return fold(
    { class: 'not-proven' },
    `Not proven: ${list.length}`,
    el('ul', {}, ...list.map((name) => el('li', {}, NOT_PROVEN[name] ?? name))),
  );
}

function forPrograms({ offer }: VerifiedAnswer, { asked: { mostOf, ...asked } }: Acts): HTMLElement {
  const snippets = snippetsOf({ ...asked, index: offer.index, maxCharge: mostOf(offer.index) });
  return fold({ class: 'programs' }, 'As curl, SDK or MCP', ...snippets.map(({ name, text }) => copyBlock(name, text)));
}
