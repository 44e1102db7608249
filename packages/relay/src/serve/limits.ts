/** Most questions in progress at one provider, over all peers. */
export const asksInFlightMax = 1_024;
/** Pause suggested to a peer whose question met a full queue or a failed disk, in milliseconds. */
export const retryPauseMs = 1_000;
/** Most repeats of the answer to one ticket. */
export const ticketRepeatsMax = 32;
/** Most tickets whose repeats are counted. The one used longest ago is forgotten first. */
export const repeatedTicketsMax = 65_536;
/** Most refused tickets that are remembered. The one used longest ago is forgotten first. */
export const refusedTicketsMax = 16_384;
/** Most questions of one peer that are in progress or waiting. */
export const asksPerPeerMax = 256;
/** Most questions that the indexes work on at once. The others wait in the order of their rank. */
export const answersAtOnceMax = 16;
/** Most requests for embeddings that the model works on at once, so that questions come between. */
export const embedsAtOnceMax = 2;
/** Most of them that are free. */
export const freeEmbedsAtOnceMax = 1;
/** Most questions at work that are free. */
export const freeAtOnceMax = 12;
/** Most of them that are free while others pay. */
export const freeBesidePaidMax = 1;
/** While others pay, an index rests after a free question for this many times the duration of that question. */
export const freeRestFactor = 9;
/** How long after a paid question others count as paying, in milliseconds. */
export const paidRecentMs = 1_000;
/** Most free questions that wait. */
export const freeWaitingMax = 512;
/** Longest time that a question holds its place, in milliseconds. After that it goes on without one. */
export const placeMsMax = 5_000;
/** Longest time that a request for embeddings holds its place: the longest time to its deadline, in milliseconds. */
export const embedPlaceMsMax = 60_000;
