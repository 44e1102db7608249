// Limits of imports from other stores. Each has a row in docs/limits.md.

/** Most records of one page, which is one write of the node. */
export const pageRecordsMax = 1_000;
/** Bytes of vectors and texts at which a page is full. One record may exceed it. */
export const pageBytesMax = 8_388_608;
/** Longest line of a JSONL file: a vector of the largest dimension as JSON numbers, with text and metadata. */
export const importLineBytesMax = 1_048_576;
/** Refused records that are named with their reason. The rest is counted. */
export const refusedNamedMax = 100;
/** Longest reason that is kept, in characters. */
export const reasonCharsMax = 300;
/** Records that are read back from the index at the end and compared with what was read from the source. */
export const importSampleMax = 1_000;
/** Largest checkpoint file. */
export const checkpointBytesMax = 4_194_304;
/** Longest cursor of a source, in bytes. */
export const cursorBytesMax = 65_536;
/** Most attempts of one call to the source or to the node. */
export const importAttemptsMax = 9;
/** Most attempts of the first calls, which show whether addresses and keys are right. */
export const firstAttemptsMax = 3;
/** Pause before the second attempt, in milliseconds. Each further pause is twice as long. */
export const importRetryMs = 500;
/** Longest pause between two attempts, in milliseconds. */
export const importRetryMsMax = 60_000;
/** Longest wait for one answer of a source, in milliseconds. */
export const sourceTimeoutMs = 60_000;
/** Longest wait for rows of a database, in milliseconds. It may sort all of them first. */
export const sourceQueryTimeoutMs = 600_000;
/** Longest answer of a source, in bytes: a page of the largest vectors as JSON numbers. */
export const sourceAnswerBytesMax = 67_108_864;
/** Most ids that Pinecone is asked for at once (its limit of a page), in records. */
export const pineconePageMax = 100;
/** Longest list of ids in an address, in characters. Proxies refuse longer addresses. */
export const pineconeIdsCharsMax = 6_000;
/** Most empty lists of ids one after the other before the server counts as broken. */
export const emptyListsMax = 100;
/** Calls for vectors that Pinecone is sent at the same time. */
export const pineconeFetchesMax = 4;
/** Most objects below the prefix of a bulk import (Pinecone's limit). */
export const importFilesMax = 100_000;
/** Largest row group of a Parquet file that is read as a whole, in bytes before compression. */
export const parquetGroupBytesMax = 536_870_912;
/** Largest footer of a Parquet file, in bytes. */
export const parquetFooterBytesMax = 67_108_864;
/** Rows that are read at a time where the file has an index of its pages. */
export const parquetRowsMax = 5_000;
/** Records of one page of Chroma: its cloud gives no more at once. */
export const chromaPageMax = 300;
