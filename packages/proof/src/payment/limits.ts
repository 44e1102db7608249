/** EIP-712 domains kept: one for each ledger or chain in use. */
export const domainCacheEntriesMax = 256;
