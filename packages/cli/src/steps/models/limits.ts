/** Files of a repository that are looked at. */
export const hubEntriesMax = 10_000;
/** Longest silence of the hub: before a reply, and within it, in milliseconds. */
export const hubSilentMs = 30_000;
/** Longest reply of the hub about a repository, in bytes. */
export const hubReplyBytesMax = 16_777_216;
/** What a reply with a part of a file may have beyond the file's size, in bytes: large files come in blocks. */
export const hubBlockBytesMax = 67_108_864;
