/** Most receipts of one channel that may wait for an earlier one before the channel is given up. */
export const receiptReorderMax = 1_024;
/** Most tickets of one channel that are open at once, answered or not. */
export const openTicketsMax = 4_096;
/** Most in flight on a channel until its first receipt was verified. */
export const firstContactInFlightMax = 1;
/** Offers remembered as written beside the tickets under them. */
export const statedOffersMax = 1_024;
