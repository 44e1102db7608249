import type { Citation } from '@tributary/mcp';

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escape = (text: string): string => text.replace(/[&<>"']/g, (char) => ESCAPES[char]!);

/** A page without scripts. The passage is shown as text, whatever it contains. */
export function toHtml(citation: Citation, text: string, flags: readonly string[]): string {
  const facts = [
    ['Source', sourceOf(citation)],
    ['Page', citation.page === null ? null : String(citation.page)],
    ['Licence', citation.licence === null ? null : escape(citation.licence)],
    ['Signed by', escape(citation.signer)],
    ['Index', escape(citation.index)],
    ['Snapshot', `${citation.snapshot.sequence}, ${escape(citation.snapshot.at)}`],
    ['Proof', proofOf(citation)],
  ] as const;
  const rows = facts.flatMap(([name, value]) => (value === null ? [] : [`<dt>${name}</dt><dd>${value}</dd>`])).join('\n');
  const warning =
    flags.length === 0
      ? ''
      : `<p role="alert">This passage looks as if it were meant for a model (${escape(flags.join(', '))}).</p>\n`;
  return (
    '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">' +
    '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">' +
    `<title>${escape(citation.title)}</title><link rel="stylesheet" href="/assets/page.css"></head>\n` +
    `<body><main><h1>${escape(citation.title)}</h1>\n${warning}<pre>${escape(text)}</pre>\n<dl>\n${rows}\n</dl></main></body></html>\n`
  );
}

function sourceOf({ uri }: Citation): string | null {
  if (uri === null) return null;
  if (!URL.canParse(uri) || !/^https?:/.test(uri)) return escape(uri);
  return `<a rel="noreferrer nofollow" href="${escape(uri)}">${escape(uri)}</a>`;
}

const proofOf = ({ receipt }: Citation): string =>
  receipt === null
    ? 'none: this node read its own index'
    : `<a href="/v1/proofs/${escape(receipt)}">${escape(receipt)}</a>, to be checked with <code>tributary verify</code>`;
