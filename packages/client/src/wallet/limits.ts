/** Most receipts of one channel that may wait for an earlier one before the channel is given up. */
export const receiptReorderMax = 1_024;
/** Receipts that wait for an earlier one before the provider's state is read. */
export const receiptReorderDoubt = 256;
/** Most tickets of one channel that are open at once, answered or not. */
export const openTicketsMax = 4_096;
/** Most in flight on a channel until its first receipt was verified. */
export const firstContactInFlightMax = 1;
/** Offers remembered as written beside the tickets under them. */
export const statedOffersMax = 1_024;
/** Questions that a deposit is for: it holds so many times what the question that needs it may cost. */
export const depositQuestions = 32;
/** A top-up that comes sooner after the last one locks twice as much, in milliseconds. */
export const topUpQuickMs = 60_000;
/** How long after its deadline a ticket may be asked again, in milliseconds: as long as providers keep answers. */
export const ticketKeepMs = 600_000;
/** Channels remembered as closed by a signed state, so that a question asked in one may be paid anew. */
export const closedChannelsMax = 1_024;
/**
 * Times that a lost ticket is asked again although the link broke each time; then its charge counts as spent without
 * answer.
 */
export const askAgainInterruptedMax = 3;
