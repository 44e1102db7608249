/** Longest body of a request, in bytes: a vector of the largest dimension as JSON numbers fits. */
export const gatewayBodyBytesMax = 1_048_576;
/** Longest request line and headers together, in bytes. */
export const gatewayHeaderBytesMax = 1_048_576;
/** Longest part of a path that stands for a parameter, in characters. */
export const gatewayParamCharsMax = 2_048;
/** Time in which a request's headers must arrive, in milliseconds. */
export const gatewayHeadersTimeoutMs = 10_000;
/** Time in which a whole request must arrive, in milliseconds. */
export const gatewayRequestTimeoutMs = 30_000;
/**
 * Time for which an idle connection stays open, in milliseconds; clients of several SDKs reuse sockets for a minute.
 */
export const gatewayKeepAliveMs = 75_000;
/** Connections open at once. */
export const gatewayConnectionsMax = 1_024;
/** Queries being answered at once; more are refused. */
export const gatewayQueriesMax = 256;
/** Time that running requests get when the gateway closes, in milliseconds. */
export const gatewayDrainMs = 10_000;
/** Proofs kept on disk. */
export const proofsKeptMax = 50_000;
/** Bytes of proofs kept on disk. */
export const proofsKeptBytesMax = 536_870_912;
/** Size at which a file of proofs is closed and the next begun; the oldest file goes first. */
export const proofFileBytesMax = 33_554_432;
/** Proofs waiting for the disk; more are given up, their answers are not. */
export const proofsWaitingMax = 1_024;
/** Proofs written in one go; the event loop runs in between. */
export const proofsPerWriteMax = 32;
/** Pause that a caller is told after a refusal that may pass, when nobody said how long it takes, in milliseconds. */
export const gatewayRetryAfterMs = 1_000;
/**
 * Longest body of a call that writes to an own index, in bytes: a thousand vectors of 1,536 components as JSON
 * numbers.
 */
export const ownBodyBytesMax = 33_554_432;
/** Bytes of such bodies read at the same time. */
export const ownBodyBytesHeldMax = 268_435_456;
/** Time in which a whole upload must arrive, in milliseconds: the longest file at a megabit a second. */
export const uploadTimeoutMs = 600_000;
/** Uploads received or worked on at once; more are refused. */
export const uploadsMax = 128;
/** Bytes of files on their way in, on disk. */
export const uploadBytesHeldMax = 1_073_741_824;
/** Longest field of a form beside its file, in bytes: metadata of a record. */
export const uploadFieldBytesMax = 65_536;
/** Longest pause between two lines of an upload's progress, in milliseconds; proxies give up later. */
export const uploadProgressMs = 10_000;
/** Shortest pause between two such lines, in milliseconds. */
export const uploadProgressPauseMs = 200;
