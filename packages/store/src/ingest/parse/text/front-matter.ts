import { metadataKeysMax } from '@tributary/schemas';
import { parse } from 'yaml';

import { frontMatterUnitsMax } from '../../../limits.ts';
import type { Metadata } from '../../types.ts';

/** Front matter: its title, its other scalars, and where the text after it begins (UTF-16). */
export interface FrontMatter {
  title: string | null;
  metadata: Metadata;
  bodyStart: number;
}

const NONE: FrontMatter = { title: null, metadata: {}, bodyStart: 0 };

/**
 * Reads the YAML between `---` lines at the start of a Markdown file. YAML that is not a mapping, does not parse or is
 * too long stays in the text, so that nothing is lost.
 */
export function readFrontMatter(source: string): FrontMatter {
  if (!/^---[ \t]*\n/u.test(source)) return NONE;
  const closing = /\n(?:---|\.\.\.)[ \t]*(?:\n|$)/gu;
  closing.lastIndex = source.indexOf('\n');
  const found = closing.exec(source.slice(0, frontMatterUnitsMax));
  if (found === null) return NONE;
  const values = parseMapping(source.slice(source.indexOf('\n') + 1, found.index + 1));
  if (values === null) return NONE;
  const title = values['title'];
  return {
    title: typeof title === 'string' ? title : null,
    metadata: flatMetadata(Object.entries(values).filter(([key]) => key !== 'title')),
    bodyStart: found.index + found[0].length,
  };
}

/** The entries whose value is a scalar or a list of strings. */
export function flatMetadata(entries: readonly [string, unknown][]): Metadata {
  const kept: [string, Metadata[string]][] = [];
  for (const [key, value] of entries) {
    const isList = Array.isArray(value) && value.every((item) => typeof item === 'string');
    const isNumber = typeof value === 'number' && Number.isFinite(value);
    if (isList || isNumber || typeof value === 'string' || typeof value === 'boolean') kept.push([key, value]);
    if (kept.length >= metadataKeysMax) break;
  }
  // fromEntries creates own properties even for names such as __proto__.
  return Object.fromEntries(kept);
}

function parseMapping(yaml: string): Record<string, unknown> | null {
  try {
    const value: unknown = parse(yaml, { schema: 'core', maxAliasCount: 32, logLevel: 'silent' });
    if (value === null) return {};
    return typeof value === 'object' && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
}
