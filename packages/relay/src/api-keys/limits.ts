/** Longest file of API keys that is read, in bytes. */
export const apiKeysFileBytesMax = 8_388_608;
/** Longest row of what a key spent, in bytes. */
export const apiKeySpentBytesMax = 1_024;
