/** Most EIP-712 domains kept: one per ledger or chain in use. */
export const domainCacheEntriesMax = 256;
