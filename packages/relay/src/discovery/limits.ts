/** Most rendezvous files of one machine that are read. */
export const rendezvousEntriesMax = 256;
/** Longest rendezvous file, in bytes. */
export const rendezvousEntryBytesMax = 16_384;
