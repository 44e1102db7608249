/** Providers that a node remembers. */
export const knownProvidersMax = 1_024;
/** Providers that one peer may tell of, itself not counted. */
export const hearsayPerPeerMax = 256;
/** How long a provider's own word stands against what others say of it, in milliseconds; who is reached says it anew each round. */
export const ownWordHoldsMs = 30_000;
/** Announcements of one directory answer. */
export const directoryAnnouncementsMax = 1_024;
/** Characters of the statements of one directory answer, so that it fits a frame. */
export const directoryCharactersMax = 2_097_152;
/** How often a node looks for new neighbours and offers, in milliseconds. */
export const discoveryIntervalMs = 2_000;
/** Peers that one round of discovery asks. */
export const discoveryPeersMax = 64;
/** Longest wait for one peer in a round, in milliseconds. */
export const discoveryPeerTimeoutMs = 3_000;
