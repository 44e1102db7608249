/** Most nodes of one machine that are looked at. */
export const rendezvousEntriesMax = 256;
/** Longest rendezvous file. */
export const rendezvousEntryBytesMax = 16_384;
