import type { Unpinned } from '@tributary/proof';
import type { GatewayResult } from '@tributary/schemas';
import type { Answers } from './answers.ts';
import { wrap, type Output } from './output.ts';
import { UNPINNED_ROLE } from './unpinned.ts';

/** The answers as `--json` prints them. */
export function answersAsJson({ results, answers, failed, usage, pinned, unpinned, notProven, bundles }: Answers): object {
  const parts = answers.map(({ index, snapshot, usage: part }) => ({ index, snapshot, usage: part }));
  return { results, answers: parts, failed, usage, pinned, unpinned, notProven, proofs: bundles.length };
}

const TEXT_CHARACTERS_SHOWN = 600;

/** Prints the results, who answered, and what is not proven. */
export function showAnswers({ results, answers, failed, usage, unpinned, notProven }: Answers, output: Output): void {
  if (results.length === 0)
    output.line(
      `Nothing relevant enough was found; ${usage.charge === '0' ? 'nothing was charged.' : `charged ${usage.charge} ${usage.unit}.`}`,
    );
  for (const result of results) showResult(result, output);
  for (const { index, code, message } of failed) output.note(`no answer from ${index}: ${message} (${code})`);
  for (const { index, snapshot, usage: part } of answers) {
    output.line(
      `verified here: ${index}, snapshot ${snapshot.sequence} of ${snapshot.at}; charged ${part.charge} ${part.unit}; receipt ${part.receipt}`,
    );
  }
  if (answers.length > 1) output.line(`charged in total: ${usage.charge} ${usage.unit}`);
  for (const line of describeUnpinned(unpinned)) output.line(line);
  output.line(`not proven: ${notProven.join(', ')}`);
}

function describeUnpinned(unpinned: readonly Unpinned[]): string[] {
  if (unpinned.length === 0) return ['keys: all pinned by your trust file'];
  return [
    'UNPINNED: the answer is consistent, but nothing shows whose keys these are:',
    ...unpinned.map(({ code, key }) => `  ${UNPINNED_ROLE[code].padEnd(6)} ${key}`),
    '  compare them with their owner, then: tributary trust trust.json --proof FILE, and ask with --trust trust.json',
  ];
}

function showResult(result: GatewayResult, output: Output): void {
  const { source, text, licence, signer, custody, author } = result;
  const place = source ? `${source.document}${source.page === undefined ? '' : `, page ${source.page}`}` : result.id;
  const rank = String(result.rank).padStart(2);
  output.line(`${rank}. ${place}   relevance ${result.relevance.toFixed(2)}   ${result.index.split('@')[0]}`);
  if (source?.context) output.line(`    ${source.context}`);
  const shown = text.length > TEXT_CHARACTERS_SHOWN ? `${text.slice(0, TEXT_CHARACTERS_SHOWN)} …` : text;
  for (const line of wrap(shown, Math.min(output.columns, 110), '    ')) output.line(line);
  const by = `signed by ${signer.slice(0, 24)}… (${custody}), author ${author ?? 'not declared'}`;
  output.line(`    licence ${licence ?? 'not stated'}, ${by}`);
  output.line();
}
