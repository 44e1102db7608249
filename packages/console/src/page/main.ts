import type { KnownOffer } from '@tributary/client/http';
import { isTributaryError, TributaryError } from '@tributary/schemas';
import { keepKey } from './api-key.ts';
import { check, type Checked } from './check.ts';
import { byId, el } from './dom.ts';
import { count, money } from './format.ts';
import { fetchOffers, relay } from './gateway.ts';
import { pageIndexesMax } from './limits.ts';
import { forgetPins, pinKeysOf, readPins } from './pins.ts';
import { makeQuestions, mostOf, type Asked } from './question.ts';
import { viewResults } from './view-results.ts';
import { viewVerdict } from './view-verdict.ts';

const form = byId('ask', HTMLFormElement);
const keyForm = byId('key', HTMLFormElement);
const keyInput = byId('api-key', HTMLInputElement);
const question = byId('question', HTMLInputElement);
const indexSelect = byId('index', HTMLSelectElement);
const countSelect = byId('count', HTMLSelectElement);
const termsLine = byId('terms', HTMLElement);
const status = byId('status', HTMLElement);
const answers = byId('answers', HTMLElement);

/** The value that means every listed index, in the list and in the address. */
const ALL = '*';
let indexes: KnownOffer[] = [];
let running: AbortController | undefined;

await start();

async function start(): Promise<void> {
  const given = new URLSearchParams(location.search);
  question.value = given.get('q') ?? '';
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void ask();
  });
  keyForm.addEventListener('submit', (event) => {
    event.preventDefault();
    keepKey(keyInput.value.trim());
    keyInput.value = '';
    keyForm.hidden = true;
    say('');
    void listIndexes(given.get('index'));
  });
  indexSelect.addEventListener('change', showTerms);
  countSelect.addEventListener('change', showTerms);
  const found = await listIndexes(given.get('index'));
  if (question.value.trim() === '' || !found) return;
  // Readers who come by a link, a bookmark or another site decide themselves whether to pay for its question.
  if (document.documentElement.dataset['ask'] !== 'now') say('Press Ask to send this question and pay for its answer.');
  else await ask();
}

/** False if no question can be asked now. */
async function listIndexes(wanted: string | null): Promise<boolean> {
  try {
    indexes = await fetchOffers(Date.now());
  } catch (error) {
    complain(error);
    return false;
  }
  const options = indexes.map(({ offer }) => {
    const name = nameOf(offer.index);
    return el('option', { value: offer.index }, offer.card.title === '' ? name : `${offer.card.title} (${name})`);
  });
  if (indexes.length !== 1)
    options.unshift(el('option', { value: '' }, indexes.length === 0 ? 'none known yet' : 'choose an index'));
  if (canAskAll()) options.push(el('option', { value: ALL }, `all ${indexes.length} of them`));
  indexSelect.replaceChildren(...options);
  const found = wanted === null ? null : indexes.filter(({ offer: { index } }) => index === wanted || nameOf(index) === wanted);
  indexSelect.value =
    wanted === ALL && canAskAll()
      ? ALL
      : found?.length === 1
        ? found[0]!.offer.index
        : indexes.length === 1
          ? indexes[0]!.offer.index
          : '';
  showTerms();
  if (indexes.length === 0) say('This gateway knows no index yet. Start a provider, then load the page again.');
  else if (found && found.length !== 1 && indexSelect.value !== ALL) {
    indexSelect.selectedIndex = -1; // a wrong name never selects another index, or all of them
    complain(
      new TributaryError(
        'INDEX_NOT_OFFERED',
        `This gateway lists ${found.length === 0 ? 'no' : 'more than one'} index '${wanted}'. Choose one.`,
      ),
    );
    return false;
  }
  return indexes.length > 0 && chosen().length > 0;
}

function nameOf(id: string): string {
  return id.slice(0, id.indexOf('@'));
}

/** Amounts of different units cannot be added. */
function canAskAll(): boolean {
  return indexes.length > 1 && indexes.length <= pageIndexesMax && new Set(indexes.map(({ offer }) => offer.unit)).size === 1;
}

function chosen(): KnownOffer[] {
  return indexSelect.value === ALL ? indexes : indexes.filter(({ offer }) => offer.index === indexSelect.value);
}

function showTerms(): void {
  const of = chosen();
  const topK = Number(countSelect.value);
  const most = of.reduce((sum, known) => sum + mostOf(known, topK), 0n);
  const records = of.reduce((sum, { offer }) => sum + offer.card.records, 0);
  const licences = [...new Set(of.map(({ offer }) => offer.card.licence || 'none stated'))];
  if (of.length === 0) return termsLine.replaceChildren();
  const cost = most === 0n ? 'Free.' : `Costs at most ${money(String(most), of[0]!.offer.unit)}.`;
  termsLine.replaceChildren(`${cost} ${count(records)} records. Licence: ${licences.join('; ')}.`);
}

async function ask(): Promise<void> {
  const asked: Asked = { query: question.value.trim(), of: chosen(), topK: Number(countSelect.value) };
  if (asked.query === '') return;
  if (asked.of.length === 0) return complain(new TributaryError('INDEX_AMBIGUOUS', 'Choose the index to ask.'));
  running?.abort();
  const own = new AbortController();
  running = own;
  remember(asked.query, indexSelect.value);
  answers.replaceChildren();
  say('Asking…');
  const began = performance.now();
  try {
    const made = makeQuestions(asked);
    const settled = await Promise.allSettled(made.map(async (one) => ({ made: one, bundle: await relay(one, own.signal) })));
    if (own.signal.aborted) return;
    const came = settled.filter((one) => one.status === 'fulfilled').map(({ value }) => value);
    const missed = settled.filter((one) => one.status === 'rejected').map(({ reason }) => reason as unknown);
    if (came.length === 0) throw missed[0];
    say('Checking the proof…');
    // Lets the browser paint first, because checking blocks its thread for a while.
    await new Promise((resolve) => setTimeout(resolve));
    const recheck = () => came.map((one) => check(one.made, one.bundle, readPins(), Date.now()));
    const checked = recheck();
    show(checked, recheck);
    say(summary(checked, performance.now() - began));
    if (missed.length > 0)
      complain(missed[0], `${status.textContent} ${missed.length} of ${made.length} indexes did not answer: `);
  } catch (error) {
    if (!own.signal.aborted) complain(error);
  }
}

/**
 * Puts the question into the address bar without a history entry, which would ask and pay again when the reader goes
 * back.
 */
function remember(query: string, index: string): void {
  const named = new URLSearchParams({ q: query, ...(index === '' ? {} : { index }) });
  history.replaceState(null, '', `/?${named.toString()}`);
  document.title = `${query.slice(0, 60)} – Tributary`;
}

function show(checked: Checked[], recheck: () => Checked[]): void {
  const again = (change: () => void) => () => {
    change();
    show(recheck(), recheck);
  };
  answers.replaceChildren(
    ...checked.flatMap((one) => {
      const { answer } = one;
      const verdict = viewVerdict(one, { pin: (verified) => again(() => pinKeysOf(verified))(), forget: again(forgetPins) });
      return answer ? [verdict, viewResults(answer)] : [verdict];
    }),
  );
}

function summary(checked: Checked[], ms: number): string {
  const good = checked.flatMap(({ answer, charge }) => (answer ? [{ answer, charge: charge ?? '0' }] : []));
  const took = `${count(Math.round(ms))} ms`;
  if (good.length === 0) return `Refused after ${took}.`;
  const shown = good.reduce((sum, { answer }) => sum + answer.answer.results.length, 0);
  const paid = String(good.reduce((sum, { charge }) => sum + BigInt(charge), 0n));
  const results = `${shown} ${shown === 1 ? 'result' : 'results'}`;
  return `${results} in ${took}; paid ${money(paid, good[0]!.answer.offer.unit)} in all.`;
}

function say(text: string): void {
  status.classList.remove('trouble');
  status.textContent = text;
}

function complain(error: unknown, before = ''): void {
  status.classList.add('trouble');
  const known = isTributaryError(error);
  if (known && (error.code === 'API_KEY_NEEDED' || error.code === 'API_KEY_INVALID')) {
    keyForm.hidden = false;
    keyInput.focus();
  }
  status.textContent = before + (known ? `${error.message} (${error.code})` : 'The page failed to show this answer.');
  if (!known) throw error;
}
