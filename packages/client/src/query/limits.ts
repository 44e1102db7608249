/** Time a query may take in all unless the caller says otherwise, in milliseconds. */
export const queryTimeoutMsDefault = 15_000;
/** Tries of one ticket: the first and its repetitions after a lost answer. */
export const askTriesMax = 3;
/** How long a lost answer is waited for when its ticket is asked again, in milliseconds. */
export const askAgainTimeoutMs = 5_000;
/** Pause before a ticket is tried again, in milliseconds. */
export const askPauseMs = 250;
/** Results of a query that names no number. */
export const topKDefault = 10;
/** Verified write statements, manifests and offers kept in memory, each. */
export const verifiedObjectsMax = 10_000;
