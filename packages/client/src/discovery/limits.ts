/** Providers whose announcements a node keeps; connections bound them further. */
export const knownProvidersMax = 1_024;
/** Bytes of the statements of one announcement. */
export const announcementBytesMax = 524_288;
/** Longest life of an identity that a node takes from the network: 90 days. */
export const identityLifeMsMax = 7_776_000_000;
/** Longest life of an offer that a node takes from the network: a day. */
export const offerLifeMsMax = 86_400_000;
/** Statements of announcements that are verified before the event loop has a pause. */
export const statementsPerSlice = 16;
/** That pause, in milliseconds. */
export const statementsPauseMs = 5;
/** How often a node looks for new neighbours and offers, in milliseconds. */
export const discoveryIntervalMs = 2_000;
/** How long an announcement stands without being repeated: three rounds and the wait of the last. */
export const announcementHoldsMs = 9_000;
/** Peers that one round of discovery asks. */
export const discoveryPeersMax = 64;
/** Addresses heard from others that one round dials. */
export const heardDialsMax = 16;
/** Addresses heard from others whose failures are remembered. */
export const heardFailuresMax = 1_024;
/** First pause after an address heard from others did not answer, in milliseconds; it doubles each time. */
export const heardPauseMs = 4_000;
/** Longest such pause: ten minutes. */
export const heardPauseMsMax = 600_000;
/** Longest wait for one peer in a round, in milliseconds. */
export const discoveryPeerTimeoutMs = 3_000;
/**
 * How long a node that tells its peers something new, or that it closes, waits for them to take it, in milliseconds.
 */
export const tellTimeoutMs = 500;
/** Most indexes that a query without an index is sent to. */
export const fanOutMax = 3;
