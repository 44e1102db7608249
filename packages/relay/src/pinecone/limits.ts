/** Vectors of one upsert, ids of one fetch or deletion; Pinecone's bound. */
export const vectorsPerCallMax = 1_000;
/** Most results of one query; Pinecone's bound. */
export const topKMax = 10_000;
/** Ids or namespaces of one page; Pinecone's bound. */
export const pageMax = 100;
/** Records of one page by metadata; Pinecone's bound. */
export const metadataPageMax = 10_000;
/** Texts of one request to embed; Pinecone's bound. */
export const embedInputsMax = 96;
/** Tags of an index; Pinecone's bound. */
export const indexTagsMax = 20;
/** Namespaces that are remembered although they are empty, for each index. */
export const emptyNamespacesMax = 1_000;
/** Records bought from others that can be fetched again, of all keys together. */
export const boughtRecordsMax = 10_000;
/** Bytes of such records, about. */
export const boughtBytesMax = 67_108_864;
