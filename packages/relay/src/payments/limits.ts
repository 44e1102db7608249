// Bounds of the embedded ledger. docs/limits.md explains each; a test compares the two.

/** Most changes that one synced batch commits together; a crash can leave at most this many entries unacknowledged. */
export const groupChangesMax = 128;
/** Most changes that wait for the disk. */
export const changesWaitingMax = 4_096;
/** Shortest pause between two attempts to read the ledger anew after a failed write. */
export const recoverPauseMs = 1_000;
/** Furthest deadline of a ticket from now; below the store's `answerKeepMs`, so that no ticket outlives its journal row. */
export const deadlineMaxMs = 60_000;
/** Most journal or exposure rows that one commit removes. */
export const pruneRowsMax = 256;
/** Entries from one checkpoint to the next, at least; more when the books are larger than that. */
export const checkpointEntries = 4_096;
/** Entries that are verified in one turn. */
export const verifySliceEntries = 256;
/** Most open channels of one payer. */
export const channelsPerPayerMax = 1_024;
/** Most openings and top-ups of one payer in a minute. */
export const opensPerMinuteMax = 60;
/** Most times in a minute that one payer reads or closes channels. */
export const readsPerMinuteMax = 600;
/** Longest note of a grant. */
export const noteBytesMax = 256;
/** Longest ledger entry. */
export const entryBytesMax = 8_192;
/** Pause suggested to a peer that has too many asks in flight on one channel. */
export const inFlightPauseMs = 50;
