import type { GatewayIndex } from '@tributary/schemas';
import { check, type Checked } from './check.ts';
import { byId, el } from './dom.ts';
import { count, money } from './format.ts';
import { fetchIndexes, fetchProofs, GatewayRefusal, type Asked } from './gateway.ts';
import { forgetPins, pinKeysOf, readPins } from './pins.ts';
import { viewResults } from './view-results.ts';
import { viewVerdict } from './view-verdict.ts';

const form = byId('ask', HTMLFormElement);
const question = byId('question', HTMLInputElement);
const indexSelect = byId('index', HTMLSelectElement);
const countSelect = byId('count', HTMLSelectElement);
const termsLine = byId('terms', HTMLElement);
const status = byId('status', HTMLElement);
const answers = byId('answers', HTMLElement);

let indexes: GatewayIndex[] = [];
let running: AbortController | undefined;

await start();

async function start(): Promise<void> {
  const given = new URLSearchParams(location.search);
  question.value = given.get('q') ?? '';
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void ask(readForm());
  });
  indexSelect.addEventListener('change', showTerms);
  countSelect.addEventListener('change', showTerms);
  await listIndexes(given.get('index') ?? '');
  if (question.value.trim() === '' || indexes.length === 0) return;
  // Whoever comes by a link from another site decides for themselves whether to spend on its question.
  if (document.documentElement.dataset['ask'] === 'wait')
    say('This question came with a link from another site. Press Ask to pay for its answer.');
  else await ask(readForm());
}

async function listIndexes(wanted: string): Promise<void> {
  try {
    indexes = await fetchIndexes();
  } catch (error) {
    return complain(error);
  }
  const options = indexes.map((index) =>
    el('option', { value: index.id }, index.title === '' ? index.name : `${index.title} (${index.name})`),
  );
  if (indexes.length !== 1)
    options.unshift(el('option', { value: '' }, indexes.length === 0 ? 'none known yet' : 'let the gateway choose'));
  indexSelect.replaceChildren(...options);
  indexSelect.value =
    indexes.find(({ id, name }) => id === wanted || name === wanted)?.id ?? (indexes.length === 1 ? indexes[0]!.id : '');
  if (indexes.length === 0) say('This gateway knows no index yet. Start a provider, then load the page again.');
  showTerms();
}

function showTerms(): void {
  const chosen = indexes.find(({ id }) => id === indexSelect.value);
  if (!chosen) return termsLine.replaceChildren();
  const { price, records, licence } = chosen;
  const free = [price.base, price.perResult, price.perKiB, price.empty].every((part) => part === '0');
  const cost = free
    ? 'Free.'
    : `${money(price.base, price.unit)} a question, ${money(price.perResult, price.unit)} a result, ${money(price.perKiB, price.unit)} a KiB of text${price.empty === '0' ? '' : `, ${money(price.empty, price.unit)} for an answer without results`}.`;
  termsLine.replaceChildren(`${cost} ${count(records)} records. Licence: ${licence || 'none stated'}.`);
}

function readForm(): Asked {
  return { query: question.value.trim(), index: indexSelect.value, topK: Number(countSelect.value) };
}

async function ask(asked: Asked): Promise<void> {
  if (asked.query === '') return;
  running?.abort();
  const own = new AbortController();
  running = own;
  remember(asked);
  answers.replaceChildren();
  say('Asking…');
  const began = performance.now();
  try {
    const proofs = await fetchProofs(asked, own.signal);
    say('Checking the proof…');
    // A turn for the browser to paint: checking keeps its thread busy for a while.
    await new Promise((resolve) => setTimeout(resolve));
    if (own.signal.aborted) return;
    const recheck = () => proofs.map((part) => check(asked, part, readPins(), Date.now()));
    const checked = recheck();
    show(checked, recheck);
    say(summary(checked, performance.now() - began));
  } catch (error) {
    if (!own.signal.aborted) complain(error);
  }
}

/** The address bar names the question, without an entry in the history that would ask and pay again on the way back. */
function remember({ query, index }: Asked): void {
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
  const shown = checked.flatMap(({ answer }) => answer?.answer.results ?? []).length;
  const took = `${count(Math.round(ms))} ms`;
  if (checked.every(({ failed }) => failed)) return `Refused after ${took}.`;
  return `${shown} ${shown === 1 ? 'passage' : 'passages'} in ${took}.`;
}

function say(text: string): void {
  status.classList.remove('trouble');
  status.textContent = text;
}

function complain(error: unknown): void {
  status.classList.add('trouble');
  status.textContent =
    error instanceof GatewayRefusal ? `${error.message} (${error.code})` : 'The page failed to show this answer.';
  if (!(error instanceof GatewayRefusal)) throw error;
}
