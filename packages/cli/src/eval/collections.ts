import { readFile, stat } from 'node:fs/promises';
import { TributaryError } from '@tributary/schemas';
import { collectionBytesMax } from './limits.ts';

/** Queries of a test collection and their judged documents. */
export interface Collection {
  /** Text by query id, for judged queries only, in the order of the file. */
  readonly queries: ReadonlyMap<string, string>;
  /** Gain by document id, by query id. */
  readonly qrels: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

const HEADER = 'query-id\tcorpus-id\tscore';

/**
 * Reads a test collection in the layout of BEIR (Thakur et al. 2021): `queries.jsonl` with `_id` and `text`, and
 * judgements as tab-separated `query-id`, `corpus-id`, `score` under a header line. Queries without judgements are
 * skipped, because a queries file may serve several splits.
 *
 * @throws TributaryError INPUT_SHAPE with file and line, INPUT_NOT_UTF8, INPUT_TOO_LARGE; PATH_NOT_FOUND
 */
export async function readCollection(paths: { queries: string; qrels: string }): Promise<Collection> {
  const texts = parseQueries(await readText(paths.queries), paths.queries);
  const { qrels, lineOf } = parseQrels(await readText(paths.qrels), paths.qrels);
  for (const [query, line] of lineOf) {
    if (!texts.has(query)) throw malformed(paths.qrels, line, `judges query '${query}', which is not in ${paths.queries}`);
  }
  return { queries: new Map([...texts].filter(([query]) => qrels.has(query))), qrels };
}

/**
 * Questions that a collection does not answer, in the layout of `queries.jsonl`.
 *
 * @throws TributaryError as {@link readCollection}
 */
export async function readQuestions(path: string): Promise<string[]> {
  return [...parseQueries(await readText(path), path).values()];
}

/**
 * @throws TributaryError INPUT_SHAPE with the line
 * @internal exported for its tests
 */
export function parseQueries(content: string, file: string): Map<string, string> {
  const queries = new Map<string, string>();
  for (const [line, text] of linesOf(content)) {
    const value = parseJson(text, file, line);
    const { _id: id, text: query } = value;
    if (typeof id !== 'string' || id === '') throw malformed(file, line, 'has no _id (a string)');
    if (typeof query !== 'string' || query.trim() === '') throw malformed(file, line, 'has no text (a string)');
    if (queries.has(id)) throw malformed(file, line, `repeats query '${id}'`);
    queries.set(id, query);
  }
  return queries;
}

/**
 * Judgements, and the line on which each query is judged first.
 *
 * @throws TributaryError INPUT_SHAPE with the line
 * @internal exported for its tests
 */
export function parseQrels(
  content: string,
  file: string,
): { qrels: Map<string, Map<string, number>>; lineOf: Map<string, number> } {
  const qrels = new Map<string, Map<string, number>>();
  const lineOf = new Map<string, number>();
  const [header, ...rows] = linesOf(content);
  if (header?.[1] !== HEADER)
    throw malformed(file, header?.[0] ?? 1, 'must be the header query-id, corpus-id, score, separated by tabs');
  for (const [line, text] of rows) {
    const [query = '', document = '', score = '', ...more] = text.split('\t');
    if (query === '' || document === '' || more.length > 0)
      throw malformed(file, line, 'must have three fields separated by tabs');
    if (!/^-?\d{1,6}$/.test(score))
      throw malformed(file, line, `has the score '${score.slice(0, 40)}', which is not a whole number`);
    const judged = qrels.get(query) ?? new Map<string, number>();
    if (judged.has(document)) throw malformed(file, line, `judges document '${document}' for query '${query}' a second time`);
    if (!lineOf.has(query)) lineOf.set(query, line);
    qrels.set(query, judged.set(document, Number(score)));
  }
  return { qrels, lineOf };
}

/** Lines that are not blank, with their numbers from 1. */
function linesOf(content: string): [number, string][] {
  return content
    .split('\n')
    .map((line, at): [number, string] => [at + 1, line.endsWith('\r') ? line.slice(0, -1) : line])
    .filter(([, line]) => line.trim() !== '');
}

function parseJson(text: string, file: string, line: number): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  } catch {
    throw malformed(file, line, 'is not JSON');
  }
  throw malformed(file, line, 'is not a JSON object');
}

async function readText(file: string): Promise<string> {
  const found = await stat(file).catch(() => null);
  if (found?.isFile() !== true) throw new TributaryError('PATH_NOT_FOUND', `there is no file ${file}`);
  if (found.size > collectionBytesMax) {
    throw new TributaryError('INPUT_TOO_LARGE', `${file} has ${found.size} bytes; at most ${collectionBytesMax} are read`);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file));
  } catch (cause) {
    throw new TributaryError('INPUT_NOT_UTF8', `${file} is not UTF-8`, { cause });
  }
}

function malformed(file: string, line: number, what: string): TributaryError {
  return new TributaryError('INPUT_SHAPE', `${file}:${line} ${what}`);
}
