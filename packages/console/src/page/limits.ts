/**
 * Oldest answer that the page accepts for a question just asked: as long as providers keep answers for repeated
 * requests.
 */
export const pageAnswerAgeMs = 600_000;
/** Most indexes that the page asks at the same time. It shows what they may cost in total. */
export const pageIndexesMax = 3;
/** Most example questions that the page shows. */
export const pageExamplesMax = 6;
/** Longest passage that is shown as Markdown, in characters. A longer one is shown as its owner signed it. */
export const pageMarkdownCharsMax = 20_000;
/** Height from which a passage is folded, in pixels. */
export const pageFoldPx = 420;
