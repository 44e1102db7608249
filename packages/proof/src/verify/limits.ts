/** Most verified identities and offers that a verifier remembers, of each kind. */
export const verifiedStatementsMax = 1_024;
/** Most verified snapshots (manifest, place in the log, checkpoint) that a verifier remembers. */
export const verifiedSnapshotsMax = 512;
/** Most verified writes that a verifier remembers. One names up to 1,000 records. */
export const verifiedWritesMax = 16_384;
/** Most places of records in snapshots that a verifier remembers. */
export const verifiedPlacesMax = 16_384;
/** Most memory of the verified records that a verifier remembers, in bytes. */
export const verifiedItemsBytesMax = 67_108_864;
/** Most that a signed time may be ahead of the reader's clock. */
export const clockSkewMs = 120_000;
/** Greatest age of a quorum of cosignatures, by the verifier's own clock, for the snapshot to count as fresh. */
export const freshMs = 600_000;
/** Longest trust file, in bytes. */
export const trustBytesMax = 4_194_304;
