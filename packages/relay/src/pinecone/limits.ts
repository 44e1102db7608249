/** Most vectors of one upsert, and ids of one fetch or deletion (Pinecone's limit). */
export const vectorsPerCallMax = 1_000;
/** Most results of one query (Pinecone's limit). */
export const topKMax = 10_000;
/** Most ids or namespaces of one page (Pinecone's limit). */
export const pageMax = 100;
/** Most records of one page by metadata (Pinecone's limit). */
export const metadataPageMax = 10_000;
/** Most texts of one request to embed (Pinecone's limit). */
export const embedInputsMax = 96;
/** Most documents of one request to rerank (Pinecone's limit). */
export const rerankDocumentsMax = 100;
/** Most fields that the schema of an index names (Pinecone's limit). */
export const schemaFieldsMax = 50;
/** Longest schema of an index as JSON, which is kept with the index. */
export const schemaBytesMax = 32_768;
/** Most tags of an index (Pinecone's limit). */
export const indexTagsMax = 20;
/** Most empty namespaces that are remembered per index. */
export const emptyNamespacesMax = 1_000;
/** Most backups of a node. */
export const backupsMax = 1_000;
/** Most bulk imports that are remembered. */
export const importsMax = 10_000;
/** Most restore jobs that are remembered. */
export const restoreJobsMax = 1_000;
/** Most records of one write of a restore job. */
export const restoreBatchRecords = 1_000;
/** Bytes of its lines after which such a write is full. */
export const restoreBatchBytes = 16_777_216;
/** Most records bought from others that can be fetched again, for all keys together. */
export const boughtRecordsMax = 10_000;
/** Approximate bytes of such records. */
export const boughtBytesMax = 67_108_864;
