// Bounds of one link. docs/limits.md explains each; a test compares the two.

/** Unanswered asks and calls a node accepts on one link. */
export const linkRequestsMax = 64;
/** Bytes of unanswered asks and calls a node holds for one link. */
export const linkRequestsBytesMax = 4_194_304;
/** Bytes of answers and results sent ahead of credit on one link. */
export const linkWindowBytes = 4_194_304;
/** Credit goes out by itself once this share of the window was consumed, one in so many; below, with the next frame. */
export const creditShareOfWindow = 8;
/** How long consumed bytes wait for a frame to take their credit along. */
export const creditHoldMs = 200;
/** Own asks and calls that wait for a place on one link. */
export const linkQueueMax = 1_024;
/** Bytes handed to the transport in one write. */
export const linkBatchBytesMax = 262_144;
/** Longest head of a call. */
export const callHeadBytesMax = 1_048_576;
/** Longest head of hello, credit and cancel frames. */
export const controlHeadBytesMax = 256;
/** Longest head of a refusal. */
export const refusalHeadBytesMax = 16_384;
/** Longest message of a refusal that this node writes. */
export const refusalMessageBytesMax = 2_048;
/** First size of the buffer of a frame that arrives in pieces; it doubles from there. */
export const frameBufferBytesStart = 65_536;
/** How long the first frame of the peer may take. */
export const helloTimeoutMs = 10_000;
/** How long an ask or a call waits unless its caller says otherwise. */
export const askTimeoutMs = 30_000;
/** The longest wait a caller may ask for. */
export const askTimeoutMsMax = 300_000;
/** How long a handler may work on one ask or call of the peer. */
export const handlerTimeoutMs = 120_000;
/** How long queued output may go without any progress. */
export const linkStallMs = 60_000;
/** How long the peer may take to answer what this side cancelled. */
export const abandonedTimeoutMs = 240_000;
/** Calls, cancels and questions that strangers of one host may make in one second, on the long run. */
export const strangerCallsPerSecond = 50;
/** Those of all strangers together. */
export const strangersCallsPerSecond = 100;
/** Those that all strangers together may make at once. */
export const strangersCallsBurst = 300;
/** How many times more it is while nobody pays. */
export const strangersIdleFactor = 5;
/** Those that one host may make at once. */
export const strangerCallsBurst = 100;
/** When a peer refused for too many request bytes is told to try again. */
export const overloadedRetryMs = 1_000;
