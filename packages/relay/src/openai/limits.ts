/** Most texts of one request for embeddings; OpenAI's bound. */
export const embeddingInputsMax = 2_048;
/** Bytes of all texts of one request for embeddings. */
export const embeddingBytesMax = 4_194_304;
/** Longest body of a request for embeddings: its texts, each character escaped. */
export const embeddingBodyBytesMax = 33_554_432;
/** Numbers written as decimals in one go; the event loop runs in between. */
export const decimalsPerTurn = 8_192;
