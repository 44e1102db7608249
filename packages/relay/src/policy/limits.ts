/** Longest policy file, in bytes. */
export const policyFileBytesMax = 1_048_576;
/** Most callers whose rate is counted. The one that called longest ago is forgotten first. */
export const rateCallersMax = 65_536;
