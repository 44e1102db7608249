import type { KnownOffer } from '@tributary/client/http';
import { isTributaryError, TributaryError, type GatewayCredit } from '@tributary/schemas';
import { check, type Checked } from './ask/check.ts';
import { creditFor } from './ask/credit.ts';
import { fetchCredit, fetchOffers, relay } from './ask/gateway.ts';
import { makeQuestions, mostOf, type Asked, type Made } from './ask/question.ts';
import { troubleOf } from './ask/trouble.ts';
import { createChoice } from './choice.ts';
import { byId } from './dom.ts';
import { nameOf } from './format.ts';
import { keepKey, readKey } from './session/api-key.ts';
import { forgetPins, pinKeysOf, readPins } from './session/pins.ts';
import { foldLong } from './text/passage-text.ts';
import { viewAnswer, type Acts } from './views/answer.ts';
import { viewExamples, viewIndexes, viewNoIndexes } from './views/start.ts';
import { viewLoading, viewTrouble } from './views/states.ts';
import { summary, viewTotals, type Missed } from './views/totals.ts';
import { viewWallet } from './views/wallet.ts';
import { costInWords } from './views/words.ts';

const form = byId('ask', HTMLFormElement);
const keyForm = byId('key', HTMLFormElement);
const keyInput = byId('api-key', HTMLInputElement);
const question = byId('question', HTMLInputElement);
const indexSelect = byId('index', HTMLSelectElement);
const countSelect = byId('count', HTMLSelectElement);
const termsLine = byId('terms', HTMLElement);
const status = byId('status', HTMLElement);
const answers = byId('answers', HTMLElement);
const startPlace = byId('start', HTMLElement);
const walletPlace = byId('wallet', HTMLElement);

const choice = createChoice(indexSelect);
let indexes: readonly KnownOffer[] = [];
let credit: GatewayCredit | null = null;
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

/** Lists the indexes on offer. False if no question can be asked now. */
async function listIndexes(wanted: string | null): Promise<boolean> {
  say('');
  answers.replaceChildren(viewLoading(2));
  try {
    indexes = await fetchOffers(Date.now());
  } catch (error) {
    complain(error, () => void listIndexes(wanted));
    return false;
  }
  answers.replaceChildren();
  const found = choice.list(indexes, wanted);
  showStart(() => void listIndexes(wanted));
  showTerms();
  void showCredit();
  if (!found && indexes.length > 0) {
    const some = indexes.some(({ offer }) => nameOf(offer.index) === wanted) ? 'more than one' : 'no';
    complain(new TributaryError('INDEX_NOT_OFFERED', `This gateway lists ${some} index '${wanted}'. Choose one.`), null);
  }
  return found && choice.chosen().length > 0;
}

/** What there is to ask, while nothing was asked. */
function showStart(again: () => void): void {
  if (indexes.length === 0) return startPlace.replaceChildren(viewNoIndexes(again));
  const examples = viewExamples(indexes, (asked, index) => {
    question.value = asked;
    choose(index);
    void ask();
  });
  const cards = viewIndexes(indexes, (index) => {
    choose(index);
    question.focus();
  });
  startPlace.replaceChildren(...(examples === null ? [cards] : [examples, cards]));
  startPlace.hidden = false;
}

function choose(index: string): void {
  choice.choose(index);
  showTerms();
}

async function showCredit(): Promise<void> {
  credit = (await fetchCredit()) ?? credit; // what was known last, while nobody says otherwise
  const wallet = viewWallet(indexes, credit);
  if (wallet !== null) wallet.open = walletPlace.querySelector('details')?.open ?? false;
  walletPlace.replaceChildren(...(wallet === null ? [] : [wallet]));
  showTerms();
}

/** What the question costs, and what the reader has. */
function showTerms(): void {
  const of = choice.chosen();
  const topK = Number(countSelect.value);
  const most = of.reduce((sum, known) => sum + mostOf(known, topK), 0n);
  const [first] = of;
  if (first === undefined) return termsLine.replaceChildren();
  const left = creditFor(of, credit);
  termsLine.classList.toggle('short', left !== null && left < most);
  const licences = [...new Set(of.map(({ offer }) => offer.card.licence || 'none stated'))];
  termsLine.replaceChildren(`${costInWords(most, first.offer.unit, left)} Licence: ${licences.join('; ')}.`);
}

interface Came {
  made: Made;
  bundle: unknown;
}

async function ask(): Promise<void> {
  const asked: Asked = { query: question.value.trim(), of: choice.chosen(), topK: Number(countSelect.value) };
  if (asked.query === '') return question.focus();
  if (asked.of.length === 0) return complain(new TributaryError('INDEX_AMBIGUOUS', 'Choose the index to ask.'), null);
  running?.abort();
  const own = new AbortController();
  running = own;
  remember(asked.query, choice.value());
  startPlace.hidden = true;
  document.body.dataset['view'] = 'answer';
  answers.replaceChildren(viewLoading(asked.of.length));
  say(asked.of.length === 1 ? 'Asking…' : `Asking ${asked.of.length} indexes…`);
  const began = performance.now();
  try {
    const { came, missed } = await send(makeQuestions(asked), own.signal);
    if (own.signal.aborted) return;
    say('Checking the proof in your browser…');
    // Lets the browser paint first, because checking blocks its thread for a while.
    await new Promise((resolve) => setTimeout(resolve));
    const recheck = () => came.map((one) => check(one.made, one.bundle, readPins(), Date.now()));
    const checked = recheck();
    show(checked, missed, { asked, recheck });
    say(summary(checked, performance.now() - began), missed.length > 0);
    if (form.contains(document.activeElement)) answers.focus({ preventScroll: true });
  } catch (error) {
    if (!own.signal.aborted) complain(error, () => void ask());
  }
  void showCredit();
}

/** @throws the first refusal when no index answered */
async function send(made: readonly Made[], signal: AbortSignal): Promise<{ came: Came[]; missed: Missed[] }> {
  const settled = await Promise.allSettled(
    made.map(async (one): Promise<Came> => ({ made: one, bundle: await relay(one, signal) })),
  );
  const came = settled.filter((one) => one.status === 'fulfilled').map(({ value }) => value);
  const failed = settled.flatMap((one, at) =>
    one.status === 'rejected' ? [{ index: made[at]!.known.offer.index, reason: one.reason as unknown }] : [],
  );
  if (came.length === 0) throw failed[0]?.reason;
  return { came, missed: failed.map(({ index, reason }) => ({ index, why: isTributaryError(reason) ? reason.code : 'failed' })) };
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

function show(checked: Checked[], missed: readonly Missed[], round: { asked: Asked; recheck: () => Checked[] }): void {
  const { asked, recheck } = round;
  const again = (change: () => void): void => {
    change();
    show(recheck(), missed, round);
  };
  const acts: Acts = {
    pin: (verified) => again(() => pinKeysOf(verified)),
    forget: () => again(forgetPins),
    again: () => void ask(),
    asked: {
      gateway: location.origin,
      query: asked.query,
      topK: asked.topK,
      keyed: readKey() !== null,
      mostOf: (index) =>
        mostOf(
          asked.of.find(({ offer }) => offer.index === index)!,
          asked.topK,
        ),
    },
  };
  const totals = viewTotals(checked, missed);
  answers.replaceChildren(...(totals === null ? [] : [totals]), ...checked.map((one) => viewAnswer(one, acts)));
  for (const text of answers.querySelectorAll<HTMLElement>('.result > .text')) foldLong(text);
}

function say(text: string, trouble = false): void {
  status.classList.toggle('trouble', trouble);
  status.textContent = text;
}

/** @param retry null when the reader must choose or write something first */
function complain(error: unknown, retry: (() => void) | null): void {
  const trouble = troubleOf(error, navigator.onLine);
  if (trouble.kind === 'key') {
    answers.replaceChildren();
    // The form says that a key is needed; how programs send one is of no use here.
    say(trouble.code === 'API_KEY_NEEDED' ? '' : `${trouble.title}. (${trouble.code})`, true);
    keyForm.hidden = false;
    return keyInput.focus();
  }
  if (retry === null) return say(trouble.text, true);
  say('');
  answers.replaceChildren(viewTrouble(trouble, credit?.payer ?? null, retry));
  if (trouble.code === null) throw error;
}
