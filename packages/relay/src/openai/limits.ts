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
