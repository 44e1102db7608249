/** Most accepted heads of logs that are remembered for answers in progress. */
export const acceptedHeadsMax = 1_024;
/** Most attempts to store a head while others change the same head. */
export const headStepsMax = 64;
/**
 * Longest wait for a folder of heads that another process has open, in milliseconds, and the wait between two attempts.
 */
export const headLockWaitMs = 5_000;
export const headLockPauseMs = 25;
