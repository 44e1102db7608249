/** Longest wait for a gateway, in milliseconds. */
export const httpTimeoutMsDefault = 30_000;
