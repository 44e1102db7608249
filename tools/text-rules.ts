// Rules about the text of single files: length, width, leftovers, links, and that files are about the product only.
import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import { isSource, type Tree, type Violation } from './tree.ts';

const SOURCE_LINES_MAX = 300;

/** No source file is longer than {@link SOURCE_LINES_MAX} lines, tests included. */
export function fileLength(tree: Tree): Violation[] {
  return tree.files
    .filter(isSource)
    .map((file) => ({ file, lines: tree.text(file).trimEnd().split('\n').length }))
    .filter(({ lines }) => lines > SOURCE_LINES_MAX)
    .map(({ file, lines }) => `${file}: ${lines} lines, more than ${SOURCE_LINES_MAX}; split it`);
}

const TEXT_COLUMNS_MAX = 120;

/**
 * Lines of prose have at most {@link TEXT_COLUMNS_MAX} characters: in pages, except tables, code and links, and in
 * comments.
 */
export function textWidth(tree: Tree): Violation[] {
  const pages = tree.files.filter((file) => file.endsWith('.md') && !file.startsWith('models/'));
  const sources = tree.files.filter((file) => /\.(?:ts|mjs)$/.test(file));
  return [
    ...pages.flatMap((file) => wideLines(tree, file, isProse)),
    ...sources.flatMap((file) => wideLines(tree, file, isComment)),
  ];
}

function wideLines(tree: Tree, file: string, counts: (line: string) => boolean): Violation[] {
  const lines = file.endsWith('.md') ? withoutCode(tree.text(file)) : tree.text(file);
  return lines.split('\n').flatMap((line, at) => {
    if (line.length <= TEXT_COLUMNS_MAX || !counts(line) || isUnbreakable(line)) return [];
    return [`${file}:${at + 1}: ${line.length} characters of text, more than ${TEXT_COLUMNS_MAX}; wrap it`];
  });
}

/** The page with empty code blocks; line numbers stay. */
const withoutCode = (markdown: string): string =>
  markdown.replace(/^([ \t]*)(```|~~~)[\s\S]*?^\1\2/gm, (block) => block.replace(/[^\n]/g, ''));

const isProse = (line: string): boolean => !/^\s*\|/.test(line);
const isComment = (line: string): boolean => /^\s*(?:\/\/|\/?\*)|[;,{})\]] \/\/ /.test(line);
/** One link or word that fills the line alone. */
const isUnbreakable = (line: string): boolean => /^[\s\-*/>]*(?:\[[^\]]*\]:? ?\(?)?\S+$/.test(line);

const LEFTOVERS: readonly (readonly [RegExp, string])[] = [
  [/\b(?:it|test|describe|suite|bench)\.only\b/, 'runs one test only'],
  [/\b(?:FIX(?:ME)|TO(?:DO)|XX(?:X))\b/, 'unfinished-work mark'],
  [/@ts-(?:ignore|nocheck|expect-error)\b|\b(?:ox|es)lint-dis(?:able)/, 'silences a check'],
];

/** No focused test, no mark of unfinished work, no silenced check. */
export function leftovers(tree: Tree): Violation[] {
  return tree.files.filter(isSource).flatMap((file) => linesMatching(tree, file, LEFTOVERS));
}

const TOOLS = '(?:(?:an? )?(?:AI|LLM|language model)s?|Claude|ChatGPT|GPT-\\d|Codex|Copilot|Gemini)';
const PRODUCTION: readonly (readonly [RegExp, string])[] = [
  [
    new RegExp(`\\b(?:written|generated|made|produced|authored|created|coded|built) (?:by|with|using) ${TOOLS}\\b`, 'i'),
    'says what wrote it',
  ],
  [/\b(?:AI|LLM)[- ](?:generated|written|assisted|authored)\b/i, 'says what wrote it'],
  [/\bco-?authored-?by\b|\bas an AI\b|\bAI sessions?\b/i, 'says what wrote it'],
  [/^(?:<{7}|>{7}) /, 'mark of an unfinished merge'],
  [/\/work\/(?:main|shared)\b|\/tmp\/brief\b/, "names a path of somebody's machine"],
];

/** Files are about the product, never about how they were made or about one machine. */
export function production(tree: Tree): Violation[] {
  const texts = tree.files.filter((file) => isSource(file) || /\.(?:md|json|ya?ml|toml)$|^\.ci\/|^LICENSE$/.test(file));
  return texts
    .filter((file) => !/^pnpm-lock|^models\/|^schemas\/vectors\//.test(file))
    .flatMap((file) => linesMatching(tree, file, PRODUCTION));
}

function linesMatching(tree: Tree, file: string, patterns: readonly (readonly [RegExp, string])[]): Violation[] {
  return tree
    .text(file)
    .split('\n')
    .flatMap((line, at) => patterns.filter(([pattern]) => pattern.test(line)).map(([, what]) => `${file}:${at + 1}: ${what}`));
}

/** Every relative link of a Markdown page leads to a file or folder, and its #part to a heading. */
export function links(tree: Tree): Violation[] {
  return tree.files
    .filter((file) => file.endsWith('.md'))
    .flatMap((file) =>
      linksOf(tree.text(file))
        .filter((link) => !leadsSomewhere(tree, file, link))
        .map((link) => `${file}: link ${link} leads nowhere`),
    );
}

function linksOf(markdown: string): string[] {
  const prose = markdown.replace(/^(```|~~~)[\s\S]*?^\1/gm, '').replace(/`[^`\n]*`/g, '');
  const inline = [...prose.matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g)];
  const referenced = [...prose.matchAll(/^\[[^\]]+\]:\s*<?(\S+?)>?(?:\s|$)/gm)];
  return [...inline, ...referenced].map((match) => match[1] ?? '').filter((link) => !/^[a-z][a-z0-9+.-]*:|^\/\//i.test(link));
}

function leadsSomewhere(tree: Tree, file: string, link: string): boolean {
  const [path = '', part] = decodeURIComponent(link).split('#');
  const target = path === '' ? file : posix.join(posix.dirname(file), path);
  if (target.startsWith('..') || !existsSync(join(tree.root, target))) return false;
  return part === undefined || !target.endsWith('.md') || headingsOf(tree.text(target)).has(part.toLowerCase());
}

function headingsOf(markdown: string): Set<string> {
  const slugs = [...markdown.matchAll(/^#{1,6}\s+(.+?)\s*#*$/gm)].map((match) =>
    (match[1] ?? '')
      .toLowerCase()
      .replace(/\]\([^)]*\)/g, '')
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
  return new Set(slugs);
}
