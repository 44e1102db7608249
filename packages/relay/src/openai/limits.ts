/** Most texts of one request for embeddings; OpenAI's bound. */
export const embeddingInputsMax = 2_048;
/** Bytes of all texts of one request for embeddings. */
export const embeddingBytesMax = 4_194_304;
/** Longest body of a request for embeddings: its texts, each character escaped. */
export const embeddingBodyBytesMax = 33_554_432;
/** Largest file of OpenAI's API; the parsers read no larger ones. */
export const openAiFileBytesMax = 67_108_864;
/** Bytes of all such files of a node. */
export const openAiFilesBytesMax = 17_179_869_184;
/** Files of a node. */
export const openAiFilesMax = 10_000;
/** Uploads received at the same time. */
export const uploadsAtOnceMax = 16;
/** Longest name of a file. */
export const filenameBytesMax = 255;
/** Longest value of a form field beside the file. */
export const formFieldBytesMax = 4_096;
/** Fields of a form beside the file. */
export const formFieldsMax = 16;
/** Files of one vector store; OpenAI's bound. */
export const vectorStoreFilesMax = 10_000;
/** Files of one batch; OpenAI's bound. */
export const batchFilesMax = 2_000;
/** Batches of all vector stores of a node; the oldest finished ones go first. */
export const batchesMax = 10_000;
/** Files that are taken into vector stores at the same time. */
export const jobsAtOnceMax = 4;
/** Pause before a file is tried again of which the index had no time, in milliseconds. */
export const jobRetryMs = 1_000;
/** Pairs of metadata of a vector store, and attributes of its files; OpenAI's bound. */
export const attributesMax = 16;
/** Characters of a key of these; OpenAI's bound. */
export const attributeKeyCharsMax = 64;
/** Characters of a value of these; OpenAI's bound. */
export const attributeCharsMax = 512;
/** Queries of one search. */
export const searchQueriesMax = 10;
/** Results of one search; OpenAI's bound. */
export const searchResultsMax = 50;
/** Text of a file's content in one reply, in bytes of UTF-8. */
export const contentBytesMax = 16_777_216;
/** Bytes of the name of a file's document in its index. */
export const documentNameBytesMax = 200;
