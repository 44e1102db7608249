import { basename, extname } from 'node:path/posix';

import { titleCharactersMax } from '../../limits.ts';
import type { Block } from '../types.ts';

/** One line, at most `titleCharactersMax` characters. */
export function cleanTitle(title: string): string {
  const line = title.replace(/\s+/gu, ' ').trim();
  const characters = Array.from(line.slice(0, titleCharactersMax * 2));
  return characters.slice(0, titleCharactersMax).join('').toWellFormed();
}

/** The first of the candidates that is not blank, cleaned; what the file's name says if all are. */
export function chooseTitle(path: string, ...candidates: (string | null | undefined)[]): string {
  for (const candidate of candidates) {
    const title = cleanTitle(candidate ?? '');
    if (title !== '') return title;
  }
  return stemOf(path);
}

/** The file's name without its ending, dashes and underscores read as spaces. */
function stemOf(path: string): string {
  const name = basename(path);
  const stem = basename(name, extname(name));
  return cleanTitle(stem.replace(/[-_]+/gu, ' ')) || cleanTitle(name);
}

/**
 * The heading that names the whole document: one that it begins with, or the only one of the first level. Any other
 * heading names a part ("See also", "Options").
 */
export function documentHeading(blocks: readonly Block[]): string | undefined {
  const [first] = blocks;
  if (first?.kind === 'heading') return first.heading;
  const top = blocks.filter((block) => block.kind === 'heading' && block.level === 1);
  return top.length === 1 ? top[0]?.heading : undefined;
}

/** What writers put between a page's name and its site's. */
const SITE_SEPARATOR = /\s+(?:[|·•«»–—-]|::)\s+/u;
/** Titles that programs put where nobody gave one. */
const NO_TITLE = /^(?:untitled(?: document| page)?|document|new page|home|index)$/iu;

/**
 * The title of a web page, from its `<title>` and the heading that names it. The site's name goes only when the heading
 * shows which part is the page's: a dash may as well belong to the title.
 */
export function pageTitle(element: string, heading: string | undefined): string | undefined {
  const title = cleanTitle(element);
  if (title === '' || NO_TITLE.test(title)) return heading;
  const named = heading === undefined ? '' : comparable(heading);
  return title.split(SITE_SEPARATOR).find((part) => comparable(part) === named) ?? title;
}

const comparable = (text: string): string => cleanTitle(text).toLowerCase().normalize('NFKC');
