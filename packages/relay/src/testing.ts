// The parts of a provider below its sockets and files, for programs that replace those: the simulation, and tests.
export { openDiskLedger } from './payments/open-ledger.ts';
export type { LedgerDatabase, LedgerDisk } from './ledger/disk.ts';
export type { Ledger } from './payments/ledger.ts';
export { openLedger } from './payments/open-ledger.ts';
export type { NodeKeys } from './keys.ts';
export { createOffers } from './offers/offers.ts';
export type { OfferBook } from './offers/shelf.ts';
export { providerHandlers } from './provider/handlers.ts';
export { openIdentity } from './provider/identity.ts';
export { createServe } from './serve/serve.ts';
export type { AnswerSource } from './serve/types.ts';
// The declared routes of a gateway, for the fuzz that walks over them.
export { codesOf } from './gateway/route-codes.ts';
export type { GatewayRoute } from './gateway/types.ts';
// A ledger with charges and a silent log, for tests and benchmarks.
export { indexIdOf, ledgerOptions, payingChannel } from './testing/ledger-fixture.ts';
export { silentLog } from './testing/silent-log.ts';
