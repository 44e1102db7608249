// Rules that keep a catalogue in docs/ and its counterpart in the sources equal, in both directions.
import { join, posix } from 'node:path';
import { pathToFileURL } from 'node:url';
import { tableRows, type Tree, type Violation } from './tree.ts';

const CODES = 'schemas/src/codes.ts';
const ERRORS_PAGE = 'docs/errors.md';
const LIMITS_PAGE = 'docs/limits.md';
const GUARANTEES_PAGE = 'docs/guarantees.md';
const SPEC_PAGE = 'docs/spec/README.md';
const NO_VECTORS = /^none\b.*\w{3}/i;

/**
 * `docs/errors.md` (code | where | meaning | what to do) has one full row for each error code, under the right package.
 */
export async function errorCatalogue(tree: Tree): Promise<Violation[]> {
  const { ERROR_CODES } = (await load(tree, CODES)) as { ERROR_CODES: Record<string, { area: string }> };
  const rows = tableRows(tree.text(ERRORS_PAGE)).filter((row) => 'code' in row);
  const rowOf = new Map(rows.map((row) => [row['code'] ?? '', row]));
  return [
    ...Object.entries(ERROR_CODES).flatMap(([code, { area }]) => {
      const row = rowOf.get(code);
      if (row === undefined) return [`${ERRORS_PAGE}: no row for ${code} of ${CODES}`];
      if (row['where'] !== area) return [`${ERRORS_PAGE}: ${code} is raised by ${area}, the row says "${row['where']}"`];
      return row['meaning'] && row['what to do'] ? [] : [`${ERRORS_PAGE}: ${code} needs a meaning and what to do`];
    }),
    ...[...rowOf.keys()].filter((code) => !(code in ERROR_CODES)).map((code) => `${ERRORS_PAGE}: ${code} is not in ${CODES}`),
    ...repeated(rows.map((row) => row['code'] ?? '')).map((code) => `${ERRORS_PAGE}: ${code} has two rows`),
  ];
}

/**
 * `docs/limits.md` (name | default | unit | where | why) has one full row for each constant that a `limits.ts` exports;
 * `where` is the package's name, and a default that is a plain number is the constant's value.
 */
export async function limitCatalogue(tree: Tree): Promise<Violation[]> {
  const rows = tableRows(tree.text(LIMITS_PAGE)).filter((row) => 'default' in row);
  const rowOf = new Map(rows.map((row) => [`${row['where']} ${row['name']}`, row]));
  const limits = await limitsOf(tree);
  const known = new Set(limits.map(({ where, name }) => `${where} ${name}`));
  return [
    ...limits.flatMap(({ file, where, name, value }) => {
      const row = rowOf.get(`${where} ${name}`);
      if (row === undefined) return [`${LIMITS_PAGE}: no row for ${name} of ${file} (where: ${where})`];
      if (!row['unit'] || !row['why'] || !row['default']) return [`${LIMITS_PAGE}: ${name} needs a default, a unit and a why`];
      const documented = row['default'].replace(/[_,\s]/g, '');
      const differs = value !== undefined && /^-?\d+(?:\.\d+)?$/.test(documented) && documented !== value;
      return differs ? [`${LIMITS_PAGE}: ${name} is ${value} in ${file}, the row says ${row['default']}`] : [];
    }),
    ...[...rowOf.keys()].filter((key) => !known.has(key)).map((key) => `${LIMITS_PAGE}: "${key}" is in no limits.ts`),
    ...repeated(rows.map((row) => `${row['where']} ${row['name']}`)).map((key) => `${LIMITS_PAGE}: "${key}" has two rows`),
  ];
}

/**
 * `docs/guarantees.md` (promise | mechanism | test | figure): every row is full, and each file that its test column
 * names is in the tree.
 */
export function guarantees(tree: Tree): Violation[] {
  const rows = tableRows(tree.text(GUARANTEES_PAGE)).filter((row) => 'promise' in row);
  return rows.flatMap((row) => {
    const promise = (row['promise'] ?? '').slice(0, 60);
    const empty = ['promise', 'mechanism', 'test', 'figure'].filter((column) => !row[column]);
    const named = (row['test'] ?? '').match(/[\w./-]+\.(?:test|suite)\.ts/g) ?? [];
    return [
      ...empty.map((column) => `${GUARANTEES_PAGE}: "${promise}" has no ${column}`),
      ...(named.length === 0 ? [`${GUARANTEES_PAGE}: "${promise}" names no test file`] : []),
      ...named.filter((file) => !tree.files.includes(file)).map((file) => `${GUARANTEES_PAGE}: there is no ${file}`),
    ];
  });
}

interface Limit {
  readonly file: string;
  readonly where: string;
  readonly name: string;
  /** Decimal digits of a number; undefined for lists and objects. */
  readonly value: string | undefined;
}

async function limitsOf(tree: Tree): Promise<Limit[]> {
  const files = tree.files.filter((file) => /^(?:schemas|bench|packages\/[^/]+)\/src\/(?:.*\/)?limits\.ts$/.test(file));
  const all = files.map(async (file) => {
    const where = posix.basename(file.slice(0, file.indexOf('/src/')));
    const values = (await load(tree, file)) as Record<string, unknown>;
    return [...tree.text(file).matchAll(/^export const (\w+)/gm)].map(([, name = '']) => ({
      file,
      where,
      name,
      value: digits(values[name]),
    }));
  });
  return (await Promise.all(all)).flat();
}

/** The result of {@link specVectors}. `missing` only counts once there are vectors at all. */
export interface VectorReport {
  readonly expected: string[];
  readonly present: string[];
  readonly violations: Violation[];
}

/**
 * For each page of `docs/spec`, the table of `docs/spec/README.md` (page | … | vectors) names its vectors, where NAME
 * stands for `schemas/vectors/NAME.json` or `NAME.*.json`, or says "none" and why.
 */
export function specVectors(tree: Tree): VectorReport {
  const present = tree.files.filter((file) => /^schemas\/vectors\/.+\.json$/.test(file)).map((file) => posix.basename(file));
  const rows = tree.files.includes(SPEC_PAGE) ? tableRows(tree.text(SPEC_PAGE)).filter((row) => 'vectors' in row) : [];
  const cells = rows.map((row) => row['vectors'] ?? '').filter((cell) => !NO_VECTORS.test(cell));
  const expected = cells.flatMap((cell) => cell.match(/[\w-]+/g) ?? []);
  const belongs = (file: string, name: string) => file === `${name}.json` || file.startsWith(`${name}.`);
  const pages = tree.files
    .filter((file) => /^docs\/spec\/[^/]+\.md$/.test(file) && file !== SPEC_PAGE)
    .map((file) => posix.basename(file));
  const lacking = pages.filter((page) => !rows.some((row) => row['page']?.includes(page) && row['vectors'] !== ''));
  return {
    expected,
    present,
    violations: [
      ...lacking.map((page) => `${SPEC_PAGE}: no row with vectors (or "none: why") for ${page}`),
      ...expected
        .filter((name) => !present.some((file) => belongs(file, name)))
        .map((name) => `schemas/vectors/${name}.json is missing`),
      ...present
        .filter((file) => !expected.some((name) => belongs(file, name)))
        .map((file) => `schemas/vectors/${file} belongs to no page`),
    ],
  };
}

function digits(value: unknown): string | undefined {
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : undefined;
}

async function load(tree: Tree, file: string): Promise<unknown> {
  return import(/* @vite-ignore */ pathToFileURL(join(tree.root, file)).href);
}

function repeated(names: readonly string[]): string[] {
  return [...new Set(names.filter((name, at) => names.indexOf(name) !== at))];
}
