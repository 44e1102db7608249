// Bounds of the store. docs/limits.md explains each; a test compares the two.

/** Most indexes of one store. Each has a thread. */
export const indexesMax = 256;
/** Most indexes that are opened at once. */
export const openAtOnceMax = 4;
/** Most calls that wait for one index's worker. */
export const workerCallsMax = 4_096;
/** Most writes that wait for the disk in one index. */
export const writesWaitingMax = 1_024;
/** Most writes that one synced batch commits together. */
export const groupWritesMax = 64;
/** Most operations that one synced batch commits together. */
export const groupOperationsMax = 1_000;
/** Longest wait for a snapshot that includes the write named in a request. */
export const snapshotWaitMs = 2_000;
/** Most requests of one index that wait for a snapshot. */
export const snapshotWaitersMax = 256;
/** How long the paths of a past snapshot can be rebuilt, for answers that are repeated. */
export const answerKeepMs = 600_000;
/**
 * How far the date of a snapshot may be ahead of the clock until the snapshot is published anew. With the longest wait
 * for an answer it is within what a verifier allows.
 */
export const datedAheadMsMax = 30_000;
/** Most memory for encoded results of one index. */
export const resultCacheBytesMax = 67_108_864;
/** Most memory for decoded records of one index, which its owner asks for. */
export const revisionCacheBytesMax = 67_108_864;
/** Most memory for records of one index that the main thread was sent and keeps, roughly. */
export const sentRecordsBytesMax = 8_388_608;
/** Longest time from a deletion to the purge of its text from the disk, while the index is open. */
export const purgeDelayMs = 60_000;
/** Longest time until the graph drops the vectors of deleted and replaced records. */
export const graphPurgeDelayMs = 86_400_000;
/** Changes of records, or vectors added to the graph, after which image and graph are saved, whatever their share. */
export const cacheChangesMin = 5_000;
/** The same, as a share of the records in percent. */
export const cacheChangesPercent = 10;
/** The same, at most. */
export const cacheChangesMax = 50_000;
/** Longest time until image and graph are saved after a change, while the index is open. */
export const cacheDelayMs = 600_000;
/** Longest slice of sealing, publishing or saving between two turns of the event loop, roughly. */
export const turnMsMax = 4;
/** Longest time of graph insertions between two answers. */
export const insertSliceMs = 5;
/** Most records of one page by metadata. */
export const matchesMax = 10_000;
/** Most tags of an index. */
export const tagsMax = 64;
/** Most attributes of an index, each kept by one API. */
export const attributesMax = 16;
/** Longest attribute of an index, in bytes. */
export const attributeBytesMax = 65_536;
/** Most records of one fetch. */
export const fetchRecordsMax = 1_000;
/** Writes of one index whose signatures are not checked again when its owner asks. */
export const checkedWritesMax = 16_384;
/** Most ids of one page of a listing. */
export const listIdsMax = 1_000;
/** Longest time in which a worker that opens its index does nothing. */
export const openSilentMs = 600_000;
/** Longest wait for a worker to save its graph and stop. */
export const closeWaitMs = 120_000;
/** Most restarts in a row of a crashed worker. */
export const workerRestartsMax = 3;
/** Most embedding workers of one model. Each holds the model in memory and uses one processor. */
export const embedWorkersMax = 8;
/** Most texts that wait for an embedding worker. */
export const embedTextsWaitingMax = 16_384;
/** Most workers of one reranking model. Each holds the model in memory and uses one processor. */
export const rerankWorkersMax = 4;
/** Most pairs of a question and a text that wait for a reranking worker. */
export const rerankPairsWaitingMax = 4_096;
/** Tokens of a question and a text together that a reranking model reads at most, whatever its window. */
export const rerankTokensMax = 1_024;
/** Most texts of one call of a model on a graphics processor. */
export const gpuBatchTextsMax = 256;
/** Padded tokens of one such call at first; halved whenever the memory of the device is too small. */
export const gpuBatchTokensMax = 16_384;
/** Most texts of one request to an embedding endpoint. */
export const endpointBatchTextsMax = 128;
/** Texts of an ingest that wait for an endpoint at once: two requests. */
export const endpointTextsAtOnce = 256;
/** Tokens of a chunk that is embedded at an endpoint, estimated: longer ones are found less well. */
export const endpointWindowTokens = 512;
/** Times that one request is sent. */
export const endpointAttemptsMax = 6;
/** Longest wait for an answer of an endpoint. */
export const endpointTimeoutMs = 60_000;
/** Pause before the second attempt; it doubles. */
export const endpointWaitMs = 500;
/** Longest pause between two attempts, also when the endpoint asks for more. */
export const endpointWaitMsMax = 60_000;
/** Longest answer of an endpoint: 128 vectors of the largest dimension as numbers. */
export const endpointReplyBytesMax = 67_108_864;
/** Texts of an ingest that wait for such a device at once: two calls. */
export const gpuTextsAtOnce = 512;
/** Longest wait for an embedding model to load. */
export const modelLoadMs = 120_000;
/** How long a worker keeps its model when no text comes, by default. Loading it takes about a second. */
export const modelIdleMs = 120_000;
/** Largest description (card.json) of a model. */
export const modelCardBytesMax = 65_536;
/** Documents whose chunks are written together. */
export const ingestBatchDocuments = 256;
/** Chunks that are embedded and written together. */
export const ingestBatchChunks = 256;
/** Most texts of one ingest that wait for an embedding worker. */
export const embedTextsAtOnce = 64;
/** Longest text that is split on the event loop, in UTF-16 code units. That takes some hundredths of a second. */
export const splitInlineUnitsMax = 16_384;
/** Longest time that splitting one document may take in its worker. */
export const splitTimeMsMax = 300_000;
/** Most files that callers handed over and that wait for one index, that at work included. */
export const filesWaitingMax = 64;
/** How long the parser of such files is kept when none comes, in milliseconds. */
export const parserIdleMs = 30_000;
/** Files parsed ahead of the embedding. */
export const ingestFilesAhead = 32;
/** Chunks embedded to estimate how long an ingest will take. */
export const planSampleChunks = 24;
/** Most rejected files listed in a plan or report. All are counted. */
export const rejectedListedMax = 10_000;
/** Most left-out records remembered per file. All are counted. */
export const leftListedMax = 16;
/** Most findings listed by a check. All are counted. */
export const checkFindingsMax = 1_000;

// The search in memory.

/** Largest slot number plus one. */
export const slotsMax = 16_777_216;
/** Most memory of the nodes of one graph, in bytes: what WebAssembly can address with 32 bits. */
export const graphBytesMax = 4_294_967_296;
/** Share of that memory which live vectors may take; the rest is for dead ones. In percent. */
export const graphLivePercentMax = 75;
/** Share of dead nodes in the graph from which they are taken out, in percent. */
export const graphDeadPercentMax = 10;
/** Fewest dead nodes that are taken out, whatever their share. */
export const graphDeadNodesMin = 1_024;
/** How long nothing may be written until they are, when no vector waits for their memory. */
export const graphRepairDelayMs = 1_000;
/** Share of free nodes in the graph from which it is copied without them, in percent. */
export const graphFreePercentMax = 15;
/** Most vectors of an index without a graph: they are compared one by one. */
export const scanVectorsMax = 5_000;
/** The same in components of all of them: of long vectors it is fewer. */
export const scanBytesMax = 2_097_152;
/** Fewest dense candidates taken from the graph for one query. */
export const denseCandidatesMin = 24;
/** Fewest candidates that each of the two halves of a hybrid query contributes. */
export const hybridCandidatesMin = 100;
/** Most candidates that each of the two halves of a hybrid query contributes. */
export const hybridCandidatesMax = 4_000;
/** Records up to which a query of dense and sparse vectors scores every one. That takes some hundredths of a second. */
export const denseSparseScanMax = 10_000;
/** Vectors that can be scanned by their 8-bit numbers in the time of a graph walk, per unit of its width. */
export const scanVectorsPerWidth = 32;
/**
 * Vectors up to which a walk of the width of the graph's settings finds the nearest. Beyond, the width grows with the
 * power 2/3 of their number: at width 64, recall@10 is 1.000 on 100,000 clustered vectors, .964 on 300,000 and .824 on
 * a million; at 128 it is 1.000 on 300,000 (bench/README.md).
 */
export const graphWidthVectors = 100_000;
/** Largest search width of the graph. */
export const graphSearchWidthMax = 10_000;
/** Records of a namespace up to which a filter is tested record by record and not through the columns. */
export const filterScanRecordsMax = 1_024;
/** Entries of a column that are compared in the time of one such test. */
export const filterEntriesPerRecord = 128;
/** Vectors of one index that are in memory, in bytes. Those beyond are read from their records. */
export const vectorMemoryBytesMax = 67_108_864;
/** Bytes of one block of vectors. */
export const vectorBlockBytes = 1_048_576;

// An engine that holds the graph of an index.

/** Vectors that are compared here when the engine lacks them, or does not answer. */
export const engineScanMax = 20_000;
/** Vectors that are compared here rather than asking the engine, per unit of the width of a walk. */
export const engineScanVectorsPerWidth = 4;
/** Slots that a question to the engine names at most. For wider scopes more rows are asked for, and sorted out here. */
export const engineFilterSlotsMax = 20_000;
/** Slots of one transaction. */
export const engineBatchSlots = 256;
/** Connections of one index. */
export const engineConnectionsMax = 4;
/** Longest wait for a connection. */
export const engineConnectMs = 5_000;
/** Longest wait for the answer to a question. */
export const engineQueryMs = 10_000;
/** Longest wait for a batch. */
export const engineWriteMs = 60_000;
/** Longest wait for the index of a table to be built. */
export const engineBuildMs = 86_400_000;
/** Pause after a failure; it doubles. */
export const engineRetryMs = 1_000;
/** Longest pause after a failure. */
export const engineRetryMsMax = 30_000;
/** Interval at which an idle engine is asked where it stands. */
export const engineCheckMs = 30_000;
/** Search width of the graph of an engine, up to {@link graphWidthVectors}. */
export const engineSearchWidth = 100;
/** Rows that pgvector visits before it gives up a filtered search. It is asked for an exact one then. */
export const engineScanTuplesMax = 100_000;
/** Components of a vector that pgvector can index: above 2,000 as halves. */
export const engineDimensionMax = 4_000;

// Reading, parsing and splitting documents.

/** Largest file that is parsed. */
export const fileBytesMax = 67_108_864;
/** Most pages of one PDF. */
export const pdfPagesMax = 5_000;
/** Longest time one file may take in its worker. */
export const parseTimeMsMax = 60_000;
/** Longest start of a parse worker. */
export const workerStartMsMax = 30_000;
/** JavaScript heap of one parse worker. */
export const workerHeapMegabytesMax = 768;
/** Memory outside the JavaScript heap (buffers) of one parse worker. */
export const workerExternalBytesMax = 1_073_741_824;
/** Interval at which a busy worker's memory outside the heap is read. */
export const workerMemoryPollMs = 200;
/** Most parse workers of one parser. */
export const parseWorkersMax = 16;
/** Most files waiting for a parse worker. */
export const parseWaitingMax = 4_096;
/** Most text extracted from one file, in UTF-16 code units. */
export const textUnitsMax = 134_217_728;
/** Most entries of a DOCX archive. */
export const archiveEntriesMax = 10_000;
/** Most bytes of all entries of a DOCX archive once inflated. */
export const archiveBytesMax = 268_435_456;
/** Bytes that an export collects before it writes them. */
export const exportChunkBytes = 1_048_576;
/** Most records of one JSONL or CSV file. */
export const rowsMax = 1_000_000;
/** Longest line of a JSONL file, longest record of a CSV file. */
export const rowBytesMax = 8_388_608;
/** Longest title, in characters. */
export const titleCharactersMax = 300;
/** Longest YAML front matter, in UTF-16 code units. */
export const frontMatterUnitsMax = 65_536;
/** Bytes used to guess an encoding. */
export const encodingSampleBytesMax = 65_536;
/** Deepest folder below the given one. */
export const walkDepthMax = 64;
/** Most files found below the given folders. */
export const walkFilesMax = 1_000_000;
/** Most entries of one folder. */
export const walkFolderEntriesMax = 1_000_000;
/** Longest .gitignore that is obeyed. */
export const ignoreFileBytesMax = 1_048_576;
/** Most chunks cut from one document. */
export const chunksPerDocumentMax = 100_000;
