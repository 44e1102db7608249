/** Longest time of a query by default, in milliseconds. */
export const queryTimeoutMsDefault = 15_000;
/** Most attempts with one ticket: the first, and repeats after a lost answer. */
export const askTriesMax = 3;
/** Longest wait for a lost answer when its ticket is asked again, in milliseconds. */
export const askAgainTimeoutMs = 5_000;
/** Pause before a ticket is tried again, in milliseconds. */
export const askPauseMs = 250;
/** Results of a query that names no number. */
export const topKDefault = 10;
/** Most verified write statements, manifests and offers kept in memory, of each kind. */
export const verifiedObjectsMax = 10_000;
