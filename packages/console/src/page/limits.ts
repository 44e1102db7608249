/** Oldest answer that the page takes for one to the question just asked: as long as providers keep answers for repeated requests. */
export const pageAnswerAgeMs = 600_000;
/** Most indexes that the page asks at once; it then shows what each may cost in all. */
export const pageIndexesMax = 3;
