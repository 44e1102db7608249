import type { Checked } from '../ask/check.ts';
import { el } from '../dom.ts';
import { count, counted, money, nameOf } from '../format.ts';

/** An index that was asked, and why it did not answer. */
export interface Missed {
  index: string;
  why: string;
}

interface Sum {
  passages: number;
  paid: bigint;
  unit: string | null;
}

/** What all verified answers hold and cost together. */
function sumOf(checked: readonly Checked[]): Sum {
  const good = checked.filter(({ answer }) => answer !== null);
  return {
    passages: good.reduce((sum, { answer }) => sum + answer!.answer.results.length, 0),
    paid: good.reduce((sum, { charge }) => sum + BigInt(charge ?? '0'), 0n),
    unit: good[0]?.known.offer.unit ?? null,
  };
}

/** One line in words: how much, how fast, how dear. */
export function summary(checked: readonly Checked[], ms: number): string {
  const { passages, paid, unit } = sumOf(checked);
  const took = `${count(Math.round(ms))} ms`;
  if (unit === null) return `Refused after ${took}.`;
  return `${counted(passages, 'result')} in ${took}; paid ${money(paid, unit)} in all.`;
}

/** Totals over several indexes, with a row for each; null when only one was asked. */
export function viewTotals(checked: readonly Checked[], missed: readonly Missed[]): HTMLElement | null {
  if (checked.length + missed.length < 2) return null;
  const { passages, paid, unit } = sumOf(checked);
  const rows = checked.map(({ known, answer, charge, failed }) => {
    const { index, unit: own } = known.offer;
    return answer === null
      ? row(nameOf(index), 'refused', failed?.code ?? '')
      : row(nameOf(index), count(answer.answer.results.length), money(charge ?? '0', own));
  });
  const head = el('tr', {}, ...['Index', 'Passages', 'Paid'].map((name) => el('th', { scope: 'col' }, name)));
  const silent = missed.map(({ index, why }) => row(nameOf(index), 'no answer', why));
  const total = unit === null ? null : el('tfoot', {}, row('Total', count(passages), money(paid, unit)));
  const good = checked.filter(({ answer }) => answer !== null).length;
  return el(
    'section',
    { class: 'totals', 'aria-labelledby': 'totals-title' },
    el('h2', { id: 'totals-title' }, `${good} of ${checked.length + missed.length} indexes answered`),
    el('table', {}, el('thead', {}, head), el('tbody', {}, ...rows, ...silent), total),
  );
}

const row = (name: string, passages: string, paid: string): HTMLElement =>
  el('tr', {}, el('th', { scope: 'row' }, name), el('td', {}, passages), el('td', {}, paid));
