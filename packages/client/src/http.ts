// What asks a gateway over its HTTP API, in a browser too: without libp2p, wallet and files.
export { ClientError } from './errors.ts';
export { exchange } from './http/gateway-calls.ts';
export type { GatewayCalls } from './http/gateway-calls.ts';
export { createHeads, type Heads } from './heads/heads.ts';
export { memoryHeads, type HeadStore } from './heads/memory-heads.ts';
export { holdToHead } from './http/hold-to-head.ts';
export { openHttpClient } from './http/http-client.ts';
export { listOffers } from './http/listing.ts';
export type { KnownOffer } from './discovery/types.ts';
export { toResults } from './query/merge.ts';
