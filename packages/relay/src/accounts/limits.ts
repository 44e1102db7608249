/** How often the channels of accounts whose key has ended are closed, in milliseconds, until all are. */
export const accountsCloseEveryMs = 60_000;
