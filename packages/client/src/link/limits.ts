// Bounds of one link. docs/limits.md explains each; a test compares the two.

/** Most unanswered asks and calls that a node accepts on one link. */
export const linkRequestsMax = 64;
/** Most unanswered asks and calls on a new link. Each reply that was sent adds one, up to {@link linkRequestsMax}. */
export const linkRequestsStart = 4;
/** Most bytes of unanswered asks and calls that a node holds for one link. */
export const linkRequestsBytesMax = 4_194_304;
/** Most bytes of answers and results sent ahead of credit on one link. */
export const linkWindowBytes = 4_194_304;
/**
 * Credit is sent in a frame of its own once this fraction of the window (one in so many) was consumed. Below it, credit
 * waits for the next frame.
 */
export const creditShareOfWindow = 8;
/** Longest wait of consumed bytes for a frame that carries their credit. */
export const creditHoldMs = 200;
/** Most asks and calls of this side that wait for a place on one link. */
export const linkQueueMax = 1_024;
/** Most bytes handed to the transport in one write. */
export const linkBatchBytesMax = 262_144;
/** Longest head of a call. */
export const callHeadBytesMax = 1_048_576;
/** Longest head of hello, credit and cancel frames. */
export const controlHeadBytesMax = 256;
/** Longest head of a refusal. */
export const refusalHeadBytesMax = 16_384;
/** Longest message of a refusal that this node writes. */
export const refusalMessageBytesMax = 2_048;
/** First size of the buffer of a frame that arrives in pieces. It doubles from there. */
export const frameBufferBytesStart = 65_536;
/** Longest wait for the peer's first frame. */
export const helloTimeoutMs = 10_000;
/** How long an ask or a call waits by default. */
export const askTimeoutMs = 30_000;
/** The longest wait that a caller may ask for. */
export const askTimeoutMsMax = 300_000;
/** Longest time that a handler may work on one ask or call of the peer. */
export const handlerTimeoutMs = 120_000;
/** Longest time that queued output may wait without any progress. */
export const linkStallMs = 60_000;
/** Longest time until the peer must answer what this side cancelled. */
export const abandonedTimeoutMs = 240_000;
/** Most calls, cancels and questions per second of strangers of one host, on average. */
export const strangerCallsPerSecond = 50;
/** Most of all strangers together per second, on average. */
export const strangersCallsPerSecond = 100;
/** Most of all strangers together at once. */
export const strangersCallsBurst = 300;
/**
 * Factor by which these budgets grow while nobody pays. It is so high that the machine is the bound then. The burst,
 * which does not grow, bounds what waits in front of the next payer.
 */
export const strangersIdleFactor = 40;
/** Most of one host at once. */
export const strangerCallsBurst = 100;
/** Pause suggested to a peer that was refused for too many request bytes. */
export const overloadedRetryMs = 1_000;
