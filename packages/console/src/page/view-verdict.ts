import type { VerifiedAnswer } from '@tributary/proof';
import type { Checked } from './check.ts';
import { button, el, terms } from './dom.ts';
import { money, shortKey, time } from './format.ts';

const NOT_PROVEN: Readonly<Record<string, string>> = {
  completeness: 'that no better record of the index was left out',
  author: 'who wrote the texts; only who signed them is proven',
  embedding: 'that the vectors are what the model makes of the texts',
  queryEmbedding: 'that the provider turned your question into the right vector',
  corpusStatistics: 'the word counts of the whole index, which the keyword scores use',
  vectorLength: 'that the vectors have the lengths that the model gives them; these scores depend on them',
  deletion: 'that what was deleted cannot come back; only the owner could restore it',
  mergedRank: 'the order between results of different indexes',
  servedAt: 'when the answer was made; only the provider states the date',
  witnessed: 'that others have seen the same state of the index',
  fresh: 'that this was the newest state of the index',
};

interface Acts {
  pin(answer: VerifiedAnswer): void;
  forget(): void;
}

/** What this browser verified about one proof, and what is not proven. */
export function viewVerdict(checked: Checked, acts: Acts): HTMLElement {
  const { answer, failed, trusted } = checked;
  const tone = failed ? 'bad' : trusted ? 'good' : 'care';
  const body = failed || !answer ? refusal(checked) : [...facts(checked, answer), keys(answer), notProven(checked)];
  const pins =
    answer === null
      ? null
      : trusted
        ? button('Forget pinned keys', acts.forget)
        : button('Pin these keys', () => acts.pin(answer));
  return el(
    'section',
    { class: `verdict ${tone}` },
    el('h2', {}, heading(checked)),
    ...body,
    el('div', { class: 'actions' }, download(checked), pins),
  );
}

function heading({ failed, trusted }: Checked): string {
  if (failed) return `Refused: ${failed.code}`;
  return trusted ? 'Verified in your browser' : 'Verified in your browser, by keys you have not pinned';
}

function refusal({ failed, index }: Checked): HTMLElement[] {
  return [
    el('p', {}, `The proof from ${index} is not valid: ${failed?.message ?? 'it cannot be read'}.`),
    el('p', {}, 'Nothing of this answer is shown, because it cannot be trusted.'),
  ];
}

function facts({ index, charge, receipt, servedAt }: Checked, answer: VerifiedAnswer): HTMLElement[] {
  const { offer, snapshot } = answer;
  const paid = charge === null ? null : money(charge, offer.unit);
  return [
    el(
      'p',
      {},
      'The texts are unaltered, from the index named below, and scored as stated.',
      paid === null ? null : ` You paid ${paid}.`,
    ),
    el(
      'details',
      { class: 'facts' },
      el('summary', {}, 'What was checked'),
      terms([
        ['Index', index],
        ['Snapshot', `${snapshot.manifest.sequence}, of ${time(snapshot.manifest.time)}`],
        ['Answered', servedAt === null ? null : time(servedAt)],
        ['Paid', paid],
        ['Receipt', receipt],
      ]),
    ),
  ];
}

/** Every key that the answer depends on, and whether this reader has pinned it. */
function keys({ writes, identity, pinned }: VerifiedAnswer): HTMLElement {
  const signers = [...new Set(writes.map(({ statement }) => statement.signer))];
  const unpinned = Object.values(pinned).filter((one) => one === false).length;
  return el(
    'details',
    { class: 'keys' },
    el('summary', {}, `Keys (${unpinned === 0 ? 'all pinned' : `${unpinned} not pinned`})`),
    terms([
      ...signers.map((did): [string, Node] => ['Signer', key(did, pinned.signers)]),
      ['Log', key(identity.did, pinned.log)],
      ['Paid to', pinned.payee === null ? null : key(identity.payee, pinned.payee)],
    ]),
    el(
      'p',
      { class: 'quiet' },
      'A proof shows that these keys signed, not whose they are. Compare them with what their owner tells you, then pin them.',
    ),
  );
}

function key(name: string, pinned: boolean | null): HTMLElement {
  const mark = el('span', { class: pinned ? 'mark pinned' : 'mark' }, pinned ? 'pinned' : 'not pinned');
  return el('span', { title: name }, shortKey(name), mark);
}

function notProven({ notProven: list }: Checked): HTMLElement {
  return el(
    'details',
    { class: 'not-proven' },
    el('summary', {}, `Not proven (${list.length})`),
    el('ul', {}, ...list.map((name) => el('li', {}, NOT_PROVEN[name] ?? name))),
  );
}

/** Saves the exact text that was verified, for `tributary verify` or any other verifier. */
function download({ file, receipt }: Checked): HTMLElement {
  return button('Download proof', () => {
    const address = URL.createObjectURL(new Blob([file], { type: 'application/json' }));
    const link = document.createElement('a');
    link.href = address;
    link.download = `tributary-${(receipt ?? 'refused').slice(0, 16)}.json`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
  });
}
