/** How long a key keeps its answer, in milliseconds. */
export const keyKeepMs = 86_400_000;
/** How long a recovered answer is kept that nobody fetches, in milliseconds. */
export const recoveredKeepMs = 2_592_000_000;
/** Most answers kept for one account. */
export const keptAnswersMax = 1_024;
/** Most bytes of answers kept for one account. */
export const keptBytesMax = 67_108_864;
/** Most bytes of answers kept for all accounts together. */
export const keptAllBytesMax = 1_073_741_824;
/** Longest key of a question, in characters. */
export const questionKeyCharsMax = 128;
/** How often a client looks whether an answer waits at its provider, in milliseconds. */
export const recoverEveryMs = 5_000;
/** Pause after the first attempt to get such an answer, in milliseconds. It doubles after each. */
export const recoverPauseMs = 1_000;
/** Longest pause between two such attempts, in milliseconds. */
export const recoverPauseMsMax = 64_000;
/** Longest wait for answers that providers still keep when recovered answers are listed, in milliseconds. */
export const recoverWaitMs = 6_000;
