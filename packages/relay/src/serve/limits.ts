/** Most asks that one provider works on at a time, over all peers. */
export const asksInFlightMax = 1_024;
/** Pause suggested to a peer whose ask met a full queue or a disk that failed. */
export const retryPauseMs = 1_000;
/** How often one ticket's answer is given again. */
export const ticketRepeatsMax = 32;
/** Tickets whose repeats are counted; the one heard of longest ago is forgotten first. */
export const repeatedTicketsMax = 65_536;
/** Refused tickets that are remembered; the one heard of longest ago is forgotten first. */
export const refusedTicketsMax = 16_384;
/** Most asks of one peer that are at work or wait. */
export const asksPerPeerMax = 256;
/** Questions that indexes work on at once; the others wait in the order of their rank. */
export const answersAtOnceMax = 16;
/** Free ones among them. */
export const freeAtOnceMax = 12;
/** Free ones among them while others pay. */
export const freeBesidePaidMax = 1;
/** While others pay, an index rests after a free question for so many times as long as that took. */
export const freeRestFactor = 9;
/** How long after a paid question others count as paying. */
export const paidRecentMs = 1_000;
/** Most free questions that wait. */
export const freeWaitingMax = 512;
/** Longest time for which a question holds its place; it goes on without one. */
export const placeMsMax = 5_000;
