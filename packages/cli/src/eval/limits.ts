// Limits of the evaluation of retrieval quality. Each has a row in docs/limits.md.

/** Largest queries or judgements file that is read. */
export const collectionBytesMax = 268_435_456;
/**
 * Most records of a namespace for which an evaluation compares the graph with an exact search, which holds all their
 * vectors.
 */
export const exactRecordsMax = 500_000;
