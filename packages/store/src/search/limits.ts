// Bounds of the in-memory search of one index. Each has a row in docs/limits.md.

/** Largest slot number plus one: the labels of the graph keep 24 bits for the slot and 8 for its generation. */
export const slotsMax = 16_777_216;
/** Graph nodes that one slot may use up before its newest node is moved in place, which is slower than adding one. */
export const slotGenerationsMax = 256;
/** Share of dead nodes in the graph from which a rebuild is due, in percent. */
export const graphDeadPercentMax = 30;
/** Dead nodes below which no rebuild is due, whatever their share. */
export const graphDeadNodesMin = 1_024;
/** Nodes a graph has room for at first; it doubles when full. */
export const graphNodesStart = 1_024;
/** Fewest dense candidates taken from the graph for one query. */
export const denseCandidatesMin = 24;
/** Fewest candidates that each of the two halves of a hybrid query contributes. */
export const hybridCandidatesMin = 100;
/** Most candidates that each half of a hybrid query contributes. */
export const hybridCandidatesMax = 4_000;
/** Vectors that are scanned in the time that a walk of the graph takes for each unit of its width. */
export const scanVectorsPerWidth = 6;
/** Largest search width of the graph that a query may ask for. */
export const graphSearchWidthMax = 10_000;
/** Records of a namespace up to which a filter is tested record by record instead of through the columns. */
export const filterScanRecordsMax = 1_024;
/** Bytes of one block of vectors. */
export const vectorBlockBytes = 1_048_576;
/** Bytes of a graph file read at a time. */
export const graphReadBytes = 4_194_304;
