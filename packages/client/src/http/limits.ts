/** Longest wait for a gateway, in milliseconds. */
export const httpTimeoutMsDefault = 30_000;
/** Longest wait for a write to a node's own index, in milliseconds: texts are embedded before it is acknowledged. */
export const ownWriteTimeoutMs = 600_000;
/** Records of one write whose texts the node embeds: some seconds of work, so that progress shows. */
export const textRecordsPerWrite = 64;
/** Ids of one fetch that asks for vectors: those of the largest dimension fit the bound of an answer. */
export const vectorIdsPerFetch = 100;
