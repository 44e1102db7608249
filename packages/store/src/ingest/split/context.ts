import type { Section } from './sections.ts';

const SEPARATOR = ' › ';
/** A context takes at most one token in this many of the window, so that the chunk has room. */
const WINDOW_SHARE = 4;

/** The context line above a chunk, and its tokens including the empty line after it. */
export interface Context {
  line: string;
  tokens: number;
}

export interface Contexts {
  /** The context of a chunk that begins at the section's heading (which is then part of the chunk), or after it. */
  of(section: Section, startsAtHeading: boolean): Context;
}

/** Context lines: title, then headings. When there is too little room, the outermost headings are dropped first. */
export function contexts(title: string, maxTokens: number, tokensOf: (text: string) => number): Contexts {
  const known = new Map<string, Context>();
  return {
    of(section, startsAtHeading) {
      const headings = startsAtHeading ? section.path.slice(0, -1) : section.path;
      // A document named after its first heading would repeat it, and so would a chunk that begins with that heading.
      const named = title === '' || section.path.includes(title) ? headings : [title, ...headings];
      const key = named.join('\n');
      const found = known.get(key) ?? fit(named, Math.floor(maxTokens / WINDOW_SHARE), tokensOf);
      known.set(key, found);
      return found;
    },
  };
}

function fit(names: readonly string[], tokensMax: number, tokensOf: (text: string) => number): Context {
  const [first, ...rest] = names;
  if (first === undefined) return { line: '', tokens: 0 };
  for (let dropped = 0; dropped <= rest.length; dropped += 1) {
    const context = measured([first, ...rest.slice(dropped)].join(SEPARATOR), tokensOf);
    if (context.tokens <= tokensMax) return context;
  }
  // Not even the title fits, so it is shortened to the words that do.
  const words = first.slice(0, tokensMax * 16).split(' ');
  while (words.length > 1) {
    words.length = Math.ceil(words.length / 2);
    const context = measured(words.join(' '), tokensOf);
    if (context.tokens <= tokensMax) return context;
  }
  return { line: '', tokens: 0 };
}

function measured(line: string, tokensOf: (text: string) => number): Context {
  return { line, tokens: tokensOf(`${line}\n\n`) };
}
