/** How often channels of accounts whose key has ended are closed, in milliseconds, until all are closed. */
export const accountsCloseEveryMs = 60_000;
