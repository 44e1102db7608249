// Bounds on what payers may do with their channels. docs/limits.md explains each; a test compares the two.

/**
 * Longest time from now to the deadline of a ticket, in milliseconds. Less than the store's `answerKeepMs`, so that no
 * ticket outlives its journal row.
 */
export const deadlineMaxMs = 60_000;
/** Most open channels of one payer. */
export const channelsPerPayerMax = 1_024;
/** Most openings and top-ups of one payer per minute. */
export const opensPerMinuteMax = 60;
/** Most readings and closings of channels by one payer per minute. */
export const readsPerMinuteMax = 600;
/** Pause suggested to a peer that has too many questions in progress on one channel, in milliseconds. */
export const inFlightPauseMs = 50;
