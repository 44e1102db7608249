/** Longest body that the admin socket reads or writes. */
export const adminBodyBytesMax = 4_194_304;
/** Longest wait of the CLI for a running node, in milliseconds. */
export const adminTimeoutMs = 600_000;
/** Longest path of a Unix socket on Linux and macOS, in bytes (sun_path less the final NUL). */
export const socketPathBytesMax = 103;
