// The parts of a client below its sockets and files, with stand-ins for its peers: for the simulation, fuzzing and
// tests.
export { createClient } from './client.ts';
export { directoryHandlers } from './discovery/handlers.ts';
export { createProviders } from './discovery/providers.ts';
export { memoryHeads } from './heads/memory-heads.ts';
export { openKeptStore } from './kept/kept-store.ts';
export type { KeptRows } from './kept/rows.ts';
export { createLink } from './link/link.ts';
export type { AskOutcome, ByteStream, IncomingAsk, NamedRecord } from './link/types.ts';
export { peerIdIn } from './network/addresses.ts';
export { createOpenLinks } from './network/open-links.ts';
export { createVerifier } from './query/verify.ts';
export { START, testProvider } from './testing/announcements.ts';
export { memoryRows } from './testing/memory-rows.ts';
export { memoryStreamPair } from './testing/memory-stream.ts';
export { sampleAsk, sampleReceipt } from './testing/samples.ts';
export type { RowChange, WalletDatabase } from './wallet/database.ts';
export { openLocalWallet } from './wallet/local-wallet.ts';
