import { join } from 'node:path';
import { createSteadyClock, openFolderKeys, openFolderParts, type DataFolder, type FolderContents } from '@tributary/runtime';
import { ed25519PublicKey } from '@tributary/proof/primitives';
import { didFromPublicKey } from '@tributary/proof/statements';
import type { MethodParams, Trust } from '@tributary/schemas';
import { createClient, type Client } from './client.ts';
import { closeChannelOf } from './close-channel.ts';
import { createDirectory, type Directory } from './discovery/directory.ts';
import { createDiscovery, type Discovery } from './discovery/discover.ts';
import { createProviders } from './discovery/providers.ts';
import { directoryHandlers } from './discovery/handlers.ts';
import { systemClock } from './clock.ts';
import { consistencyOf } from './consistency.ts';
import { creditOf, type ProviderCredit } from './credit.ts';
import type { QueryContext } from './query/types.ts';
import { createVerifier } from './query/verify.ts';
import type { EmbeddingChecks } from './embed/types.ts';
import { openFaultStore, type FaultStore } from './faults/fault-store.ts';
import { createNode, type Node } from './network/libp2p-node.ts';
import { openHeadStore } from './heads/head-store.ts';
import { openKeptStore } from './kept/kept-store.ts';
import type { KeptAnswers } from './kept/types.ts';
import { openAccounts, type Accounts } from './accounts/accounts.ts';
import { createRandomBytes } from './random-bytes.ts';
import { startRecovery } from './recovery.ts';
import type { SpendCaps, Wallet } from './wallet/wallet.ts';

export interface ClientOptions {
  /** Folder for this client alone: keys, wallet, heads of logs. */
  directory: string;
  /** Multiaddrs of bootstrap nodes. */
  bootstrap?: string[];
  /** Addresses of other nodes. Called in every round of discovery. */
  neighbours?: () => Promise<string[]>;
  /** Multiaddrs to listen on. A client that only asks needs none. */
  listen?: string[];
  /**
   * Ed25519 seed of an owner of indexes. It becomes the peer's key, so that the owner's own indexes answer free of
   * charge.
   */
  ownerSeed?: Uint8Array;
  /** Owners whose priced indexes may get a query that names no index. */
  allowed?: (did: string) => boolean;
  caps?: Partial<SpendCaps>;
  trust?: Trust;
  embed?: QueryContext['embed'];
  /** How bought vectors are checked. The evidence of faults is kept in the client's folder. */
  checks?: Partial<Omit<EmbeddingChecks, 'faults'>>;
  /** Unix milliseconds. */
  now?: () => number;
  randomBytes?: (length: number) => Uint8Array;
}

export interface OpenClient extends Client {
  readonly node: Node;
  readonly directory: Directory;
  readonly discovery: Discovery;
  /** The client's own wallet. */
  readonly wallet: Wallet;
  /** The data folder, for callers that keep more in it. */
  readonly folder: DataFolder;
  /** Evidence against providers that sold false vectors. */
  readonly faults: FaultStore;
  /** Wallets of those that the client pays for, beside its own. */
  readonly accounts: Accounts;
  /** The kept answers of an account; null: of the client's own wallet. */
  kept(account: string | null): KeptAnswers;
  /**
   * Fetches a provider's proof that its log grew from one size to the other, for callers that keep heads of their own.
   */
  consistency(sizes: MethodParams<'consistency'>, signal?: AbortSignal): Promise<string[]>;
  /** What the client's own wallet, or the given one, can still spend with each provider that offers an index. */
  credit(wallet?: Wallet): Promise<ProviderCredit[]>;
  /** Closes a channel of the client's own wallet, or of the given one; returns the amount that is credit again. */
  closeChannel(channel: string, wallet?: Wallet): Promise<bigint>;
  close(): Promise<void>;
}

/** Largest deposit in one channel by default, in the ledger's smallest unit. */
const depositDefault = 1_000_000n;

type Keys = Record<'voucher' | 'peer', Uint8Array>;
const contents: FolderContents<keyof Keys> = { keys: ['voucher', 'peer'], holds: ['wallet', 'answers'] };

/**
 * Opens a client: keys, wallet, libp2p host, discovery. It finds providers from the bootstrap addresses and neighbours.
 *
 * @throws TributaryError KEY_FILE, DATA_FOLDER, STORE_LOCKED; ClientError WALLET_DAMAGED
 */
export async function openClient(options: ClientOptions): Promise<OpenClient> {
  const randomBytes = options.randomBytes ?? createRandomBytes();
  const keys = await openFolderKeys(options.directory, contents, randomBytes);
  const folder = await openFolderParts(options.directory);
  try {
    // Heads may be there before the keys: commands that ask a gateway keep them.
    for (const part of [...contents.holds, 'heads']) await folder.expect(part);
    return await openOn(folder, keys, { ...options, randomBytes });
  } catch (error) {
    await folder.close();
    throw error;
  }
}

async function openOn(
  folder: DataFolder,
  keys: Keys,
  options: ClientOptions & Required<Pick<ClientOptions, 'randomBytes'>>,
): Promise<OpenClient> {
  const now = options.now ?? Date.now;
  const { randomBytes } = options;
  const steadyNow = createSteadyClock(options.now ? { now, uptimeMs: now } : undefined);
  const directory = createDirectory(now, { linked: (peer) => node.linked(peer) });
  const accounts = await openAccounts({
    directory: join(options.directory, 'wallet'),
    privateKey: keys.voucher,
    caps: { perCall: null, perDay: null, deposit: depositDefault, ...options.caps },
    now,
    steadyNow,
    randomBytes,
  });
  const heads = await openHeadStore(join(options.directory, 'heads'));
  const faults = await openFaultStore(join(options.directory, 'faults'));
  const kept = await openKeptStore({ directory: join(options.directory, 'answers'), now: steadyNow });
  const node: Node = await createNode({
    privateKey: options.ownerSeed ?? keys.peer,
    listen: options.listen ?? [],
    handlers: directoryHandlers(directory, () => null),
  });
  const addresses = async () => [...(options.bootstrap ?? []), ...((await options.neighbours?.()) ?? [])];
  const discovery = createDiscovery({ node, directory, addresses, own: () => null, now });
  discovery.start();
  const providers = createProviders({ node, directory, discovery, allowed: options.allowed ?? (() => false) });
  const owner = options.ownerSeed ? didFromPublicKey(ed25519PublicKey(options.ownerSeed)) : null;
  const verifier = createVerifier({ heads, now, ...(options.trust ? { trust: options.trust } : {}) });
  const client = createClient({
    owner,
    providers,
    wallet: accounts.own,
    kept: kept.of(null),
    embed: options.embed ?? null,
    verifier,
    trust: options.trust ?? null,
    allowed: options.allowed ?? null,
    clock: systemClock,
    checks: { ...options.checks, faults },
    now,
    randomBytes,
  });
  await folder.note();
  const payers = async () => [
    { wallet: accounts.own, kept: kept.of(null) },
    ...(await Promise.all(accounts.ids().map(async (id) => ({ wallet: await accounts.of(id), kept: kept.of(id) })))),
  ];
  // A provider gives an answer again a bounded number of times, and here it could not be kept.
  const recovery = folder.readOnly ? null : startRecovery(payers, client.recovered, systemClock);
  const close = async () => {
    const recovered = recovery?.stop();
    await discovery.stop();
    await node.close();
    await recovered;
    await accounts.close();
    await kept.close();
    await heads.close();
    await folder.close();
  };
  const consistency = (sizes: MethodParams<'consistency'>, signal?: AbortSignal) => consistencyOf(providers, sizes, signal);
  const closeChannel = (channel: string, wallet = accounts.own) => closeChannelOf(wallet, providers, channel);
  const credit = (wallet = accounts.own) => creditOf(wallet, providers);
  const parts = { folder, node, directory, discovery, wallet: accounts.own, faults, accounts, kept: kept.of };
  return { ...client, ...parts, consistency, credit, closeChannel, close };
}
