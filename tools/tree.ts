// The tree that the rules check: its files, their text and their imports. It only reads; no rule is here.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

export interface Tree {
  readonly root: string;
  /** Paths relative to the root with `/` as separator: files that git tracks or would track, without deleted ones. */
  readonly files: readonly string[];
  readonly text: (file: string) => string;
  readonly json: (file: string) => unknown;
}

/** One broken rule, as one line: file first, then what is wrong with it. */
export type Violation = string;

const SKIPPED_FOLDERS = new Set(['node_modules', '.git', 'dist', 'coverage', 'tmp', '.tributary']);

/** Opens the tree at `root`. A folder that is not a git checkout (a source archive) is walked instead. */
export function openTree(root: string): Tree {
  const cache = new Map<string, string>();
  const text = (file: string): string => {
    const known = cache.get(file);
    if (known !== undefined) return known;
    const read = readFileSync(join(root, file), 'utf8');
    cache.set(file, read);
    return read;
  };
  const files = (existsSync(join(root, '.git')) ? gitFiles(root) : undefined) ?? walk(root, root);
  return { root, files: files.toSorted(), text, json: (file) => JSON.parse(text(file)) as unknown };
}

function gitFiles(root: string): string[] | undefined {
  const { status, stdout } = spawnSync('git', ['ls-files', '-coz', '--exclude-standard'], { cwd: root, encoding: 'utf8' });
  if (status !== 0) return undefined;
  return [...new Set(stdout.split('\0'))].filter((file) => file !== '' && existsSync(join(root, file)));
}

function walk(root: string, folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return SKIPPED_FOLDERS.has(entry.name) ? [] : walk(root, path);
    return entry.isFile() ? [relative(root, path).replaceAll('\\', '/')] : [];
  });
}

const STATIC_IMPORT = /^[ \t]*(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"\n]+)['"]/gm;
const BARE_IMPORT = /^[ \t]*import\s*['"]([^'"\n]+)['"]/gm;
const DYNAMIC_IMPORT = /\bimport\(\s*['"]([^'"\n]+)['"]/g;

/** Every module specifier in a source, types included: first static, then bare, then dynamic ones. */
export function importsOf(source: string): string[] {
  const code = withoutComments(source);
  return [STATIC_IMPORT, BARE_IMPORT, DYNAMIC_IMPORT].flatMap((pattern) =>
    [...code.matchAll(pattern)].map((match) => match[1] ?? ''),
  );
}

/** The source without block comments and without lines that are comments. Good enough to look for words in code. */
export function withoutComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
}

/** Source files that people write: scripts, TypeScript, contracts, styles and pages. */
export function isSource(file: string): boolean {
  return /\.(?:ts|tsx|mjs|js|sol|css|html)$/.test(file) && !file.startsWith('models/');
}

/**
 * Rows of the first Markdown table below each heading, as objects keyed by lower-case column name; backticks removed.
 */
export function tableRows(markdown: string): Record<string, string>[] {
  const rows: Record<string, string>[] = [];
  let columns: string[] | undefined;
  for (const line of markdown.split('\n')) {
    if (!line.startsWith('|')) {
      columns = undefined;
      continue;
    }
    const cells = line
      .replace(/^\||\|\s*$/g, '')
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim());
    if (columns === undefined) columns = cells.map((cell) => cell.toLowerCase());
    else if (!cells.every((cell) => /^:?-+:?$/.test(cell))) {
      rows.push(Object.fromEntries(columns.map((column, at) => [column, (cells[at] ?? '').replaceAll('`', '')])));
    }
  }
  return rows;
}
