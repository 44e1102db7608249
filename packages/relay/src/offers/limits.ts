/**
 * How long an offer is valid, in milliseconds. A new one is made after half of it. An owner is bound to a price for
 * this long.
 */
export const offerLifetimeMs = 3_600_000;
/** Most unexpired offers of one index. */
export const offersKeptMax = 256;
/** Most bytes of vectors in one answer that is sold. The ledger keeps them while the answer can be asked for again. */
export const embeddingAnswerBytesMax = 1_048_576;
