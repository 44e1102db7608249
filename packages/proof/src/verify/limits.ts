/** Verified identities and offers that a verifier remembers. */
export const verifiedStatementsMax = 1_024;
/** Verified snapshots (manifest, place in the log, checkpoint) that a verifier remembers. */
export const verifiedSnapshotsMax = 512;
/** Verified writes that a verifier remembers; one names up to 1,000 records. */
export const verifiedWritesMax = 16_384;
/** How far a signed time may be ahead of the reader's clock. */
export const clockSkewMs = 120_000;
/** How old a quorum of cosignatures may be, by the verifier's own clock, for the snapshot to count as fresh. */
export const freshMs = 600_000;
/** Longest trust file, in bytes. */
export const trustBytesMax = 4_194_304;
