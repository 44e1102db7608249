/** Longest policy file. */
export const policyFileBytesMax = 1_048_576;
