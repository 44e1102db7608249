/** Heads of logs remembered as accepted, so that answers under way may still name them. */
export const acceptedHeadsMax = 1_024;
/** Times that holding a log to its head is tried while others move the same head. */
export const headStepsMax = 64;
/** Wait for a folder of heads that another process has open, in milliseconds, and between looks. */
export const headLockWaitMs = 5_000;
export const headLockPauseMs = 25;
