/** Most providers whose announcements a node keeps. The number of connections is a further bound. */
export const knownProvidersMax = 1_024;
/** Most bytes of statements in one announcement. */
export const announcementBytesMax = 524_288;
/** Longest life of an identity that a node accepts from the network: 90 days. */
export const identityLifeMsMax = 7_776_000_000;
/** Longest life of an offer that a node accepts from the network: a day. */
export const offerLifeMsMax = 86_400_000;
/** Statements of announcements that are verified between two pauses of the event loop. */
export const statementsPerSlice = 16;
/** That pause, in milliseconds. */
export const statementsPauseMs = 5;
/** How often a node looks for new neighbours and offers, in milliseconds. */
export const discoveryIntervalMs = 2_000;
/** How long an announcement is valid without being repeated: three rounds and the wait of the last. */
export const announcementHoldsMs = 9_000;
/** Most peers that one round of discovery contacts. */
export const discoveryPeersMax = 64;
/** Most addresses named by others that one round dials. */
export const heardDialsMax = 16;
/** Most addresses named by others whose failures are remembered. */
export const heardFailuresMax = 1_024;
/** First pause after an address named by others did not answer, in milliseconds. It doubles each time. */
export const heardPauseMs = 4_000;
/** Longest such pause: ten minutes. */
export const heardPauseMsMax = 600_000;
/** Longest wait for one peer in a round, in milliseconds. */
export const discoveryPeerTimeoutMs = 3_000;
/** How long a node waits for its peers to receive an announcement or its goodbye, in milliseconds. */
export const tellTimeoutMs = 500;
/** Most indexes that a query without an index goes to. */
export const fanOutMax = 3;
