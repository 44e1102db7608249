/** Longest key file that is read, in bytes. */
export const apiKeysFileBytesMax = 8_388_608;
/** Longest row of one key's spending, in bytes. */
export const apiKeySpentBytesMax = 1_024;
