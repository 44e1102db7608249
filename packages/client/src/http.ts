// What asks a gateway over its HTTP API, in a browser too: without libp2p, wallet and files.
export { ClientError } from './errors.ts';
export { exchange } from './http/gateway-calls.ts';
export type { GatewayCalls } from './http/gateway-calls.ts';
export { openHttpClient } from './http/http-client.ts';
export { listOffers } from './http/listing.ts';
export type { KnownOffer } from './discovery/types.ts';
export { toResults } from './query/merge.ts';
