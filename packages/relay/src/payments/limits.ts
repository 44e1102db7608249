// Bounds of what payers may do with their channels. docs/limits.md explains each; a test compares the two.

/**
 * Furthest deadline of a ticket from now; below the store's `answerKeepMs`, so that no ticket outlives its journal row.
 */
export const deadlineMaxMs = 60_000;
/** Most open channels of one payer. */
export const channelsPerPayerMax = 1_024;
/** Most openings and top-ups of one payer in a minute. */
export const opensPerMinuteMax = 60;
/** Most times in a minute that one payer reads or closes channels. */
export const readsPerMinuteMax = 600;
/** Pause suggested to a peer that has too many asks in flight on one channel. */
export const inFlightPauseMs = 50;
