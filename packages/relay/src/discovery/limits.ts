/** Most nodes of one machine that are looked at. */
export const rendezvousEntriesMax = 256;
/** Longest rendezvous file. */
export const rendezvousEntryBytesMax = 16_384;
/** How often a node looks for new neighbours, in milliseconds. */
export const discoveryIntervalMs = 2_000;
/** Providers that a node remembers. */
export const knownProvidersMax = 1_024;
/** Peers that a node keeps links to for discovery. */
export const discoveryPeersMax = 64;
/** Lifetime of an offer, in milliseconds; it is renewed at half of it. */
export const offerLifetimeMs = 600_000;
/** Lifetime of a provider identity, in milliseconds. */
export const identityLifetimeMs = 2_592_000_000;
