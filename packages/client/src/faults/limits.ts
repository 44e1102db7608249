/** Most records of faults that a client keeps. Beyond it the oldest is deleted, and its owner may be asked again. */
export const faultsKeptMax = 1_024;
/** Longest file of one, in bytes: a bundle with the longest request and answer, every character of them escaped. */
export const faultBytesMax = 16_777_216;
