/** Lifetime of a provider identity, in milliseconds (30 days); it is renewed at a start in the second half. */
export const identityLifetimeMs = 2_592_000_000;
/** How often offers are looked over for renewal, in milliseconds. */
export const offerRefreshMs = 60_000;
/** How often rows whose time is over leave the ledger, in milliseconds. */
export const ledgerPruneMs = 60_000;
/** Ledger entries in one answer of the admin socket. */
export const ledgerPageEntriesMax = 1_000;
/**
 * Pairs of peer and index that may read proofs of a withdrawn index; the one heard of longest ago is forgotten first.
 */
export const proofReadersMax = 16_384;
