// Bounds of the store. docs/limits.md explains each; a test compares the two.

/** Most indexes of one store: each has a thread of its own. */
export const indexesMax = 256;
/** Most indexes that are opened side by side. */
export const openAtOnceMax = 4;
/** Most calls that wait for one index's worker. */
export const workerCallsMax = 4_096;
/** Most writes that wait for the disk in one index. */
export const writesWaitingMax = 1_024;
/** Most writes that one synced batch commits together. */
export const groupWritesMax = 64;
/** Most operations that one synced batch commits together. */
export const groupOperationsMax = 8_000;
/** Longest wait for a snapshot that includes the write a request names. */
export const snapshotWaitMs = 2_000;
/** Most requests that wait for a snapshot in one index. */
export const snapshotWaitersMax = 256;
/** How long the paths of a past snapshot can be rebuilt, for answers that are asked for again. */
export const answerKeepMs = 600_000;
/** Memory of encoded results kept by one index. */
export const resultCacheBytesMax = 67_108_864;
/** Longest time between a deletion and the purge of its text from the disk, while the index is open. */
export const purgeDelayMs = 60_000;
/** Longest time until the graph forgets the vectors of deleted and replaced records. */
export const graphPurgeDelayMs = 86_400_000;
/** Longest stretch of graph insertions between two answers. */
export const insertSliceMs = 5;
/** Records read from disk at once in a scan. */
export const scanRecordsMax = 256;
/** Most records of one fetch. */
export const fetchRecordsMax = 1_000;
/** Most ids of one page of a listing. */
export const listIdsMax = 1_000;
/** Longest wait for a worker to open its index. */
export const openWaitMs = 600_000;
/** Longest wait for a worker to save its graph and stop. */
export const closeWaitMs = 120_000;
/** Most times in a row that a crashed worker is started again. */
export const workerRestartsMax = 3;
/** Most embedding workers of one model: each has the model in memory and works on one processor. */
export const embedWorkersMax = 8;
/** Most texts that wait for an embedding worker. */
export const embedTextsWaitingMax = 16_384;
/** Longest wait for an embedding model to load. */
export const modelLoadMs = 120_000;
/** Largest description (card.json) of a model. */
export const modelCardBytesMax = 65_536;
/** Documents whose chunks are written together. */
export const ingestBatchDocuments = 256;
/** Chunks that are embedded and written together. */
export const ingestBatchChunks = 256;
/** Texts of an ingest that wait for an embedding worker at once. */
export const embedTextsAtOnce = 64;
/** Longest text that is cut on the event loop, in UTF-16 code units: some hundredths of a second. */
export const splitInlineUnitsMax = 16_384;
/** Longest time that cutting one document may take in its worker. */
export const splitTimeMsMax = 300_000;
/** Files parsed ahead of the embedding. */
export const ingestFilesAhead = 32;
/** Chunks embedded to estimate how long an ingest will take. */
export const planSampleChunks = 24;
/** Files listed in a plan or report as rejected; the count goes on. */
export const rejectedListedMax = 10_000;
/** Records of one file remembered as left out; the count goes on. */
export const leftListedMax = 16;
/** Findings listed by a check; the count goes on. */
export const checkFindingsMax = 1_000;
