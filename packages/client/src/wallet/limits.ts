/** Most receipts of one channel that may wait for an earlier one before the channel is given up. */
export const receiptReorderMax = 1_024;
/** Receipts that wait for an earlier one before the provider's state is read. */
export const receiptReorderDoubt = 256;
/** Most open tickets of one channel, answered or not. */
export const openTicketsMax = 4_096;
/** Most tickets in flight on a channel until its first receipt is verified. */
export const firstContactInFlightMax = 1;
/** Most offers remembered whose statements are already on disk. */
export const statedOffersMax = 1_024;
/** A deposit covers this many times what the question that needs it may cost. */
export const depositQuestions = 32;
/** A top-up that comes within this time after the last one locks twice as much, in milliseconds. */
export const topUpQuickMs = 60_000;
/** How long after its deadline a ticket may be repeated, in milliseconds: as long as providers keep answers. */
export const ticketKeepMs = 600_000;
/**
 * How long after its deadline a lost ticket is remembered that the provider says it did not charge, in milliseconds: as
 * far as two clocks may differ.
 */
export const ticketSettledMs = 60_000;
/** Longest time until a row that waits for others to be written is written alone, in milliseconds. */
export const rowsLaterMs = 1_000;
/** Most providers that are asked at a time how much credit a wallet has with them. */
export const creditProvidersMax = 64;
/** Longest wait for their answers, in milliseconds. */
export const creditTimeoutMs = 3_000;
/** Longest wait for room on a channel, in milliseconds, whatever the clock says about the deadline. */
export const reserveWaitMsMax = 60_000;
/** Most channels remembered as closed by a signed state, so that a question asked in one may be paid again. */
export const closedChannelsMax = 1_024;
/** Most repeats of a lost ticket that end in a broken link. After that its charge counts as spent without an answer. */
export const askAgainInterruptedMax = 3;
