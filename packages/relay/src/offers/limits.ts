/** How long an offer holds; a new one is made after half of it. An owner is bound this long by a price. */
export const offerLifetimeMs = 3_600_000;
/** Most offers of one index that are kept because they have not expired. */
export const offersKeptMax = 256;
