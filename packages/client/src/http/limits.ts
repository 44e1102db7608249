/** Longest wait for a gateway, in milliseconds. */
export const httpTimeoutMsDefault = 30_000;
/** Longest wait for a write to a node's own index, in milliseconds. Texts are embedded before it is acknowledged. */
export const ownWriteTimeoutMs = 600_000;
/** Most texts of one call that the node embeds. That takes some seconds, so that progress shows. */
export const textRecordsPerWrite = 64;
/** Most ids of one fetch of vectors. That many vectors of the largest dimension fit in one response. */
export const vectorIdsPerFetch = 100;
/** Longest silence of a gateway between two lines of progress, in milliseconds. It sends one every ten seconds. */
export const lineSilenceMs = 60_000;
/** Longest line of progress, in characters. */
export const lineCharsMax = 1_048_576;
