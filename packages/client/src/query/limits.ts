/** Time a query may take in all unless the caller says otherwise, in milliseconds. */
export const queryTimeoutMsDefault = 15_000;
/** Tries of one ticket: the first and its repetitions after a lost answer. */
export const askTriesMax = 3;
/** How long a lost answer is waited for when its ticket is asked again, in milliseconds. */
export const askAgainTimeoutMs = 5_000;
/** Pause before a ticket is tried again, in milliseconds. */
export const askPauseMs = 250;
/** Most indexes that a query without an index is sent to. */
export const fanOutMax = 3;
/** Results of a query that names no number. */
export const topKDefault = 10;
/** Verified write statements, manifests and offers kept in memory, each. */
export const verifiedObjectsMax = 10_000;
/** Heads of logs remembered as accepted, so that answers under way may still name them. */
export const acceptedHeadsMax = 1_024;
/** Longest wait for a gateway, in milliseconds. */
export const httpTimeoutMsDefault = 30_000;
/** Times that holding a log to its head is tried while others move the same head. */
export const headStepsMax = 64;
/** Wait for a folder of heads that another process has open, in milliseconds, and between looks. */
export const headLockWaitMs = 5_000;
export const headLockPauseMs = 25;
