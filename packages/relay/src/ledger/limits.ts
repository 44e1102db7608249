// Bounds of the embedded ledger. docs/limits.md explains each; a test compares the two.

/** Most changes in one synced batch. A crash can leave at most this many entries unacknowledged. */
export const groupChangesMax = 128;
/** Most groups that the head file may lack: one that was just written, and one whose head was not synced. */
export const groupsBeyondHeadMax = 2;
/** Most changes that wait for the disk. */
export const changesWaitingMax = 4_096;
/** Shortest pause between two attempts to read the ledger again after a failed write, in milliseconds. */
export const recoverPauseMs = 1_000;
/** Most journal or exposure rows that one commit removes. */
export const pruneRowsMax = 256;
/** Fewest entries from one checkpoint to the next. Larger balances make it more. */
export const checkpointEntries = 4_096;
/** Entries that are verified in one turn of the event loop. */
export const verifySliceEntries = 256;
/** Longest note of a grant, in bytes. */
export const noteBytesMax = 256;
/** Longest ledger entry, in bytes. */
export const entryBytesMax = 8_192;
