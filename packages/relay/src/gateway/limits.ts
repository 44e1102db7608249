/** Longest body of a request, in bytes. It fits a vector of the largest dimension as JSON numbers. */
export const gatewayBodyBytesMax = 1_048_576;
/** Longest request line and headers together, in bytes. */
export const gatewayHeaderBytesMax = 1_048_576;
/** Longest parameter in a path, in characters. */
export const gatewayParamCharsMax = 2_048;
/** Longest time until a request's headers have arrived, in milliseconds. */
export const gatewayHeadersTimeoutMs = 10_000;
/** Longest time until a whole request has arrived, in milliseconds. */
export const gatewayRequestTimeoutMs = 30_000;
/** Longest time in which the rest of a refused body is read and dropped, in milliseconds. */
export const discardTimeoutMs = 30_000;
/** How long an idle connection stays open, in milliseconds. Clients of several SDKs reuse sockets for a minute. */
export const gatewayKeepAliveMs = 75_000;
/** Most open connections. */
export const gatewayConnectionsMax = 1_024;
/** Most queries in progress. More are refused. */
export const gatewayQueriesMax = 256;
/** Time that running requests get when the gateway closes, in milliseconds. */
export const gatewayDrainMs = 10_000;
/** Time after that in which requests that were given up are answered, before their connections end, in milliseconds. */
export const gatewayCutMs = 1_000;
/** Most proofs kept on disk. */
export const proofsKeptMax = 50_000;
/** Most bytes of proofs kept on disk. */
export const proofsKeptBytesMax = 536_870_912;
/** Size at which a file of proofs is closed and the next one begun. The oldest file is deleted first. */
export const proofFileBytesMax = 33_554_432;
/** Most proofs that wait for the disk. More are dropped; their answers are not. */
export const proofsWaitingMax = 1_024;
/** Most proofs written in one turn of the event loop. */
export const proofsPerWriteMax = 32;
/** Pause suggested after a temporary refusal that states none, in milliseconds. */
export const gatewayRetryAfterMs = 1_000;
/**
 * Longest body of a call that writes to an own index, in bytes: a thousand vectors of 1,536 components as JSON numbers.
 */
export const ownBodyBytesMax = 33_554_432;
/** Most bytes of such bodies that are read at the same time. */
export const ownBodyBytesHeldMax = 268_435_456;
/** Longest time until a whole upload has arrived, in milliseconds: the longest file at a megabit per second. */
export const uploadTimeoutMs = 600_000;
/** Most uploads in progress. More are refused. */
export const uploadsMax = 128;
/** Most bytes of files being received, on disk. */
export const uploadBytesHeldMax = 1_073_741_824;
/** Longest field of a form beside its file, in bytes: metadata of a record. */
export const uploadFieldBytesMax = 65_536;
/** Longest pause between two lines of an upload's progress, in milliseconds. Proxies wait longer. */
export const uploadProgressMs = 10_000;
/** Shortest pause between two such lines, in milliseconds. */
export const uploadProgressPauseMs = 200;
