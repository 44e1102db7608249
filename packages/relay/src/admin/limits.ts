/** Longest body that the admin socket reads or writes. */
export const adminBodyBytesMax = 4_194_304;
/** Longest time that the CLI waits for a running node, in milliseconds. */
export const adminTimeoutMs = 600_000;
/**
 * Longest path of a Unix socket on macOS, in bytes: 104 bytes of `sun_path` less the final NUL. Linux allows four more.
 */
export const socketPathBytesMax = 103;
