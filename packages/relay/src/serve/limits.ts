/** Most asks that one provider works on at a time, over all peers. */
export const asksInFlightMax = 1_024;
/** Pause suggested to a peer whose ask met a full queue or a disk that failed. */
export const retryPauseMs = 1_000;
/** How often one ticket's answer is given again. */
export const ticketRepeatsMax = 32;
/** Tickets whose repeats are counted; the one heard of longest ago is forgotten first. */
export const repeatedTicketsMax = 65_536;
