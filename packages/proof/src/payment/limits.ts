/** Most EIP-712 domains kept: one per ledger or chain in use. */
export const domainCacheEntriesMax = 256;
/** Most ids of channels kept: each of a question's checks needs that of its channel. */
export const channelIdsCachedMax = 1_024;
