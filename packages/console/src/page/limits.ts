/**
 * Oldest answer that the page accepts for a question just asked: as long as providers keep answers for repeated
 * requests.
 */
export const pageAnswerAgeMs = 600_000;
/** Most indexes that the page asks at the same time. It shows what they may cost in total. */
export const pageIndexesMax = 3;
