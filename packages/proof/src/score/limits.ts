/** Most stems kept for reuse. A corpus repeats its words, so this covers nearly all of them. */
export const stemCacheEntriesMax = 65_536;
/** Longest word that is stemmed. Longer runs of letters are not words. */
export const stemLettersMax = 64;
