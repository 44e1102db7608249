// Answers with their records, for tests that alter what is shown.
import type { Answer, Bundle, ResultItem, WholeAnswer } from '@tributary/schemas';
import { readWholeAnswer } from '../src/index.ts';
import { concat, fromBase64url, toBase64url } from '../src/primitives.ts';
import { encodeShown, shownHash } from '../src/statements.ts';

/** The bytes and the name of a shown record. */
export function sealRecord(item: Omit<ResultItem, 'record'>): { record: string; bytes: Uint8Array } {
  const bytes = encodeShown(item);
  return { record: shownHash(bytes), bytes };
}

/** The text of an answer, which names its records as they are now, and the records. */
export function sealAnswer(whole: WholeAnswer): Pick<Bundle, 'response' | 'records'> {
  const records: Bundle['records'] = [];
  const results = whole.results.map((item): Answer['results'][number] => {
    const { commitments, shown, path, write, writeIndex, writePath, record: _, ...named } = item;
    const { record, bytes } = sealRecord({ ...named, commitments, shown, path, write, writeIndex, writePath });
    records.push({ shown: toBase64url(bytes), path });
    return { ...named, record };
  });
  return { response: JSON.stringify({ ...whole, results }), records };
}

/** The answer of a bundle with its records; a copy that may be changed. */
export const wholeOf = (bundle: Pick<Bundle, 'response' | 'records'>): WholeAnswer => structuredClone(readWholeAnswer(bundle));

/** The records of a bundle as they arrive over a link. */
export const recordsOf = ({ records }: Pick<Bundle, 'records'>) =>
  records.map(({ shown, path }) => ({ shown: fromBase64url(shown), path: concat(...path.map(fromBase64url)) }));

/** A bundle whose records say something else, as somebody without keys can write it. */
export const reworded = <T extends Pick<Bundle, 'records'>>(bundle: T, from: string, to: string): T => ({
  ...bundle,
  records: bundle.records.map(({ shown, path }) => {
    const text = Buffer.from(shown, 'base64url').toString('latin1').replaceAll(from, to);
    return { shown: Buffer.from(text, 'latin1').toString('base64url'), path };
  }),
});

/** The same in a reply of `POST /v1/relay`. */
export const rewordedReply = (reply: unknown, from: string, to: string): { bundle: Bundle } => ({
  bundle: reworded((reply as { bundle: Bundle }).bundle, from, to),
});
