/** Lifetime of a provider's identity, in milliseconds (30 days). It is renewed in the second half. */
export const identityLifetimeMs = 2_592_000_000;
/** How often offers are checked for renewal, in milliseconds. */
export const offerRefreshMs = 60_000;
/**
 * How often it is looked whether an offer or the identity lacks, in milliseconds: none counts that was made while the
 * clock was ahead.
 */
export const offerMissedMs = 2_000;
/** How often expired rows are removed from the ledger, in milliseconds. */
export const ledgerPruneMs = 60_000;
/** Most ledger entries in one answer of the admin socket. */
export const ledgerPageEntriesMax = 1_000;
/**
 * Most pairs of peer and index that may read proofs of a withdrawn index. The pair used longest ago is forgotten first.
 */
export const proofReadersMax = 16_384;
