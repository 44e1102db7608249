/** Providers that a node remembers. */
export const knownProvidersMax = 1_024;
/** How often a node looks for new neighbours and offers, in milliseconds. */
export const discoveryIntervalMs = 2_000;
/** Peers that one round of discovery asks. */
export const discoveryPeersMax = 64;
/** Longest wait for one peer in a round, in milliseconds. */
export const discoveryPeerTimeoutMs = 3_000;
