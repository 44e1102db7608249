/** Most texts of one request for embeddings (OpenAI's limit). */
export const embeddingInputsMax = 2_048;
/** Most bytes of all texts of one request for embeddings. */
export const embeddingBytesMax = 4_194_304;
/** Longest body of a request for embeddings, in bytes: its texts, each character escaped. */
export const embeddingBodyBytesMax = 33_554_432;
/** Most receipts in the header of one reply. */
export const receiptsShownMax = 64;
/** Texts that a gateway with `--buy-embeddings busy` embeds at the same time before it buys. */
export const embeddingsBusyTexts = 64;
/** Largest file of OpenAI's API, in bytes. The parsers read no larger ones. */
export const openAiFileBytesMax = 67_108_864;
/** Most bytes of all such files of a node. */
export const openAiFilesBytesMax = 17_179_869_184;
/** Most files of a node. */
export const openAiFilesMax = 10_000;
/** Most uploads received at the same time. */
export const uploadsAtOnceMax = 16;
/** Longest name of a file, in bytes. */
export const filenameBytesMax = 255;
/** Longest value of a form field beside the file, in bytes. */
export const formFieldBytesMax = 4_096;
/** Most fields of a form beside the file. */
export const formFieldsMax = 16;
/** Most files of one vector store (OpenAI's limit). */
export const vectorStoreFilesMax = 10_000;
/** Most files of one batch (OpenAI's limit). */
export const batchFilesMax = 2_000;
/** Most batches of all vector stores of a node. The oldest finished ones are deleted first. */
export const batchesMax = 10_000;
/** Most metadata pairs of a vector store, and most attributes of a file (OpenAI's limit). */
export const attributesMax = 16;
/** Longest key of these, in characters (OpenAI's limit). */
export const attributeKeyCharsMax = 64;
/** Longest value of these, in characters (OpenAI's limit). */
export const attributeCharsMax = 512;
/** Most queries of one search. */
export const searchQueriesMax = 10;
/** Most results of one search (OpenAI's limit). */
export const searchResultsMax = 50;
/** Most text of a file's content in one reply, in bytes of UTF-8. */
export const contentBytesMax = 16_777_216;
/** Longest name of a file's document in its index, in bytes. */
export const documentNameBytesMax = 200;
