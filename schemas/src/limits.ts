// Limits that both ends of a wire or file format enforce. docs/limits.md explains each; a test compares the two.

/** Longest request body a provider reads. */
export const requestBytesMax = 262_144;
/** Longest answer body a client reads. */
export const answerBytesMax = 4_194_304;
/**
 * Most bytes of records and paths that an asking side may say that it remembers of a link's answers,
 * `linkRecordOverheadBytes` for each included.
 */
export const linkRecordsBytesMax = 16_777_216;
/** What a record of an answer takes on a link beside its bytes: two names and two lengths. */
export const answerRecordBytes = 72;
/** What a remembered record or path counts beside its bytes. */
export const linkRecordOverheadBytes = 256;
/** Longest frame on a link: an answer, its receipt and the frame head. */
export const frameBytesMax = 4_259_840;
/** Longest head of a frame. */
export const frameHeadBytesMax = 65_536;
/** Longest bundle file a verifier reads. */
export const bundleBytesMax = 16_777_216;
/** Longest signed statement (write, manifest, identity, offer). */
export const statementBytesMax = 16_384;
/** Longest signed note (checkpoint) text. */
export const noteBytesMax = 16_384;
/** Most signature lines of one note. */
export const noteSignaturesMax = 64;
/** Longest Merkle path: enough for 2^48 leaves. */
export const merklePathHashesMax = 48;
/** Most results of one answer. */
export const resultsMax = 1_000;
/** Largest vector dimension (Pinecone's published bound). */
export const dimensionMax = 20_000;
/** Most values of a sparse vector (Pinecone's published bound). */
export const sparseValuesMax = 2_048;
/** Longest record id, in bytes (Pinecone's published bound, in ASCII characters). */
export const recordIdBytesMax = 512;
/** Longest namespace, in bytes. */
export const namespaceBytesMax = 512;
/** Longest text of one record, in bytes. */
export const recordTextBytesMax = 65_536;
/** Largest metadata of one record as JSON, in bytes (Pinecone's published bound). */
export const metadataBytesMax = 40_960;
/** Most metadata keys of one record. */
export const metadataKeysMax = 256;
/** Most operations of one write. */
export const writeOperationsMax = 1_000;
/** Most delegations of an index, ended ones included. */
export const delegationsMax = 128;
/** Most questions that a card names as examples. */
export const cardQuestionsMax = 6;
/** Longest of them, in bytes. */
export const cardQuestionBytesMax = 256;
/** Longest query text, in bytes. */
export const queryTextBytesMax = 8_192;
/** Most texts of one request for embeddings. */
export const embedTextsMax = 256;
/** Deepest filter nesting. */
export const filterDepthMax = 16;
/** Most operators in one filter. */
export const filterOperatorsMax = 256;
/** Most distinct terms of a query for which an answer has statistics. */
export const queryTermsMax = 256;
/** Languages that a model's card names. */
export const modelLanguagesMax = 256;
/** Most offers in one announcement. */
export const announcedOffersMax = 256;
/** Most addresses in one announcement. */
export const announcedAddressesMax = 16;
/** Most addresses of other nodes in one reply. */
export const peerAddressesMax = 64;
/** Most API keys of one node. */
export const apiKeysMax = 1_000;
/** Longest name of an API key, in bytes. */
export const apiKeyNameBytesMax = 128;
/** Most patterns of indexes of one API key. */
export const apiKeyIndexesMax = 64;
/** Highest rate and burst of an API key, in calls. */
export const apiKeyRateMax = 1_000_000;
/** Longest name of a document that is uploaded, in bytes. */
export const documentNameBytesMax = 512;
/** Longest name of a document that is listed, in bytes: those of folders are longer. */
export const documentPathBytesMax = 4_096;
/** Deepest nesting of any JSON read from outside. */
export const jsonDepthMax = 64;
