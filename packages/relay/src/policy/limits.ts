/** Longest policy file. */
export const policyFileBytesMax = 1_048_576;
/** Callers whose rate is counted; the one heard of longest ago is forgotten first. */
export const rateCallersMax = 65_536;
