import { basename, extname } from 'node:path/posix';

import { titleCharactersMax } from '../../limits.ts';
import type { Block } from '../types.ts';

/** One line, at most `titleCharactersMax` characters. */
export function cleanTitle(title: string): string {
  const line = title.replace(/\s+/gu, ' ').trim();
  const characters = Array.from(line.slice(0, titleCharactersMax * 2));
  return characters.slice(0, titleCharactersMax).join('').toWellFormed();
}

/** The first candidate that is not blank, cleaned. If all are blank, the title comes from the file's name. */
export function chooseTitle(path: string, ...candidates: (string | null | undefined)[]): string {
  for (const candidate of candidates) {
    const title = cleanTitle(candidate ?? '');
    if (title !== '') return title;
  }
  return stemOf(path);
}

/** The file's name without its extension; dashes and underscores become spaces. */
function stemOf(path: string): string {
  const name = basename(path);
  const stem = basename(name, extname(name));
  return cleanTitle(stem.replace(/[-_]+/gu, ' ')) || cleanTitle(name);
}

/**
 * The heading that names the whole document: one at its beginning, or its only first-level heading. Any other heading
 * names a part ("See also", "Options").
 */
export function documentHeading(blocks: readonly Block[]): string | undefined {
  const [first] = blocks;
  if (first?.kind === 'heading') return first.heading;
  const top = blocks.filter((block) => block.kind === 'heading' && block.level === 1);
  return top.length === 1 ? top[0]?.heading : undefined;
}

/** Separators between a page's name and its site's. */
const SITE_SEPARATOR = /\s+(?:[|·•«»–—-]|::)\s+/u;
/** Default titles of programs. */
const NO_TITLE = /^(?:untitled(?: document| page)?|document|new page|home|index)$/iu;

/**
 * The title of a web page, from its `<title>` and the heading that names it. The site's name is removed only when the
 * heading shows which part names the page, because a dash may belong to the title.
 */
export function pageTitle(element: string, heading: string | undefined): string | undefined {
  const title = cleanTitle(element);
  if (title === '' || NO_TITLE.test(title)) return heading;
  const named = heading === undefined ? '' : comparable(heading);
  return title.split(SITE_SEPARATOR).find((part) => comparable(part) === named) ?? title;
}

const comparable = (text: string): string => cleanTitle(text).toLowerCase().normalize('NFKC');
