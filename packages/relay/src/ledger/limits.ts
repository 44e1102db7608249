// Bounds of the embedded ledger. docs/limits.md explains each; a test compares the two.

/** Most changes that one synced batch commits together; a crash can leave at most this many entries unacknowledged. */
export const groupChangesMax = 128;
/** Most changes that wait for the disk. */
export const changesWaitingMax = 4_096;
/** Shortest pause between two attempts to read the ledger anew after a failed write. */
export const recoverPauseMs = 1_000;
/** Most journal or exposure rows that one commit removes. */
export const pruneRowsMax = 256;
/** Entries from one checkpoint to the next, at least; more when the balances are larger than that. */
export const checkpointEntries = 4_096;
/** Entries that are verified in one turn. */
export const verifySliceEntries = 256;
/** Longest note of a grant. */
export const noteBytesMax = 256;
/** Longest ledger entry. */
export const entryBytesMax = 8_192;
