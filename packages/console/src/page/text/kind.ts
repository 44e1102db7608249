import type { Source } from '@tributary/schemas';
import { pageMarkdownCharsMax } from '../limits.ts';

/** How a passage is shown. */
export type Kind = 'markdown' | 'code' | 'plain';

const MARKDOWN = /\.(?:md|markdown|mdx|mdown|mkd|qmd|rmd)$/i;
const CODE =
  /\.(?:[cm]?[jt]sx?|py|rs|go|java|kt|kts|scala|swift|c|cc|cpp|cxx|h|hh|hpp|cs|rb|php|pl|lua|r|jl|hs|ml|clj|ex|exs|erl|sh|bash|zsh|ps1|sql|css|scss|vue|svelte|json|toml|ya?ml|ini|proto|graphql)$/i;
/** A fence or a heading: a text without a document that was written as Markdown. */
const LOOKS_MARKDOWN = /^(?:```|~~~|#{1,6} )/m;
/** Many nested quotes or lists. The time to parse grows with the square of the depth. */
const DEEP_NESTING = /^(?:[ \t]*(?:(?:>[ \t]?|[-*+][ \t]+|\d{1,9}[.)][ \t]+){24}|[ \t]{96,}(?:[-*+>]|\d{1,9}[.)])[ \t]))/m;

/** Only what was written as Markdown is shown as Markdown: elsewhere its marks are part of the text. */
export function kindOf(source: Pick<Source, 'document'> | null, text: string): Kind {
  const name = source?.document ?? '';
  if (CODE.test(name)) return 'code';
  const isMarkdown = source === null ? LOOKS_MARKDOWN.test(text) : MARKDOWN.test(name);
  return isMarkdown && text.length <= pageMarkdownCharsMax && !DEEP_NESTING.test(text) ? 'markdown' : 'plain';
}
