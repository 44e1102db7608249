/** Results of `search`. ChatGPT's connectors show about as many. */
export const searchResultsMax = 10;
/** Own indexes that one `search` asks, by name. Others are asked by `query_index`. */
export const searchIndexesMax = 8;
/** Characters of a passage that `search` shows. */
export const snippetCharsMax = 300;
/** Most results of `query_index`: more would not fit a model's window. */
export const toolResultsMax = 100;
/** Results of `query_index` when its caller names no number. */
export const toolResultsDefault = 10;
/** Tokens of an answer when its caller names no number. */
export const answerTokensDefault = 8_000;
/** Most tokens that a caller may ask for. */
export const answerTokensMax = 200_000;
/** UTF-8 bytes that count as a token. English has about four; other scripts have less. */
export const bytesPerToken = 3;
/** Documents of one `upsert_documents`, and ids of one `delete_documents`. */
export const toolDocumentsMax = 100;
/** Sessions of clients of 2025 that are open at the same time. The one that was idle longest ends first. */
export const sessionsMax = 1_000;
/** A session without calls ends after this time, in milliseconds. */
export const sessionIdleMs = 1_800_000;
/** How long a human has to confirm a deletion, in milliseconds. */
export const confirmTimeoutMs = 300_000;
/** Most writers that `minWriters` may ask for. */
export const minWritersMax = 10;
/**
 * Cosine of the vectors from which two passages are similar: measured for the shipped model (test/agreement.test.ts),
 * where unrelated passages have 0.2 to 0.7.
 */
export const similarityMinDefault = 0.8;
/** Longest wait for an external guard, in milliseconds. */
export const guardTimeoutMs = 2_000;
/** Longest answer of a guard, in bytes. */
export const guardAnswerBytesMax = 262_144;
/** Longest wait of `tributary mcp` for an answer, in milliseconds: the gateway's own waits are shorter. */
export const remoteAskTimeoutMs = 60_000;
/** Longest wait of `tributary mcp` for a write, in milliseconds: the node embeds the texts. */
export const remoteWriteTimeoutMs = 300_000;
/** Results among which a record is looked for by its own words, to learn who wrote it. */
export const neighboursMax = 20;
/** Longest time for that, in milliseconds. */
export const readTimeoutMs = 10_000;
