// What a browser needs to ask a gateway: the calls of its HTTP API, without libp2p, wallet and files.
export { exchange } from './http/gateway-calls.ts';
export type { GatewayCalls } from './http/gateway-calls.ts';
export { listOffers } from './http/listing.ts';
export type { KnownOffer } from './discovery/types.ts';
