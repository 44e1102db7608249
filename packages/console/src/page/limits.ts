/** Oldest answer that the page takes for one to the question just asked: as long as providers keep answers for repeated requests. */
export const pageAnswerAgeMs = 600_000;
