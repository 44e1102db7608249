export { ClientError } from './errors.ts';
export type { Clock } from './clock.ts';
export { createClient } from './client.ts';
export type { AskOptions, Client, QuoteFacts } from './client.ts';
export { openClient } from './open-client.ts';
export type { ClientOptions, OpenClient } from './open-client.ts';
export { openHttpClient } from './http/http-client.ts';
export type { HttpClient, HttpClientOptions } from './http/http-client.ts';
export { toListing } from './http/listing.ts';
export { answerDirectoryCall, directoryHandlers, fittingOffers } from './discovery/handlers.ts';
export type { KnownOffer, OwnAnnouncement, Providers } from './discovery/types.ts';
export { createDirectory } from './discovery/directory.ts';
export type { Directory } from './discovery/directory.ts';
export { createDiscovery, exchange } from './discovery/discover.ts';
export type { Discovery } from './discovery/discover.ts';
export { createProviders } from './discovery/providers.ts';
export { createLink } from './link/link.ts';
export { memoryStreamPair } from './testing/memory-stream.ts';
export { RefusalError } from './link/refusal.ts';
export type {
  AskOutcome,
  AskReply,
  ByteStream,
  CallContext,
  IncomingAsk,
  Link,
  LinkHandlers,
  LinkLimits,
  LinkOptions,
} from './link/types.ts';
export { createNode, peerIdOfDid, peerIdOfSeed } from './network/libp2p-node.ts';
export type { Node, NodeOptions } from './network/libp2p-node.ts';
export type { NodeStats } from './network/guard.ts';
export { createVerifier } from './query/verify.ts';
export type { AnswerVerifier, Prepared, QueryContext, QueryResult, Question, Verified } from './query/types.ts';
export { memoryHeads, openHeadStore } from './heads/head-store.ts';
export type { HeadStore } from './heads/head-store.ts';
export { openLocalWallet } from './wallet/local-wallet.ts';
export type { LocalWalletOptions } from './wallet/local-wallet.ts';
export type { RowChange, WalletDatabase } from './wallet/database.ts';
export type { Payment, PayeeFacts, ProviderLedger, ProviderTotals, SpendCaps, Wallet, WalletTotals } from './wallet/wallet.ts';
