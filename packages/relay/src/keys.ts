import { openFolderKeys, openFolderParts, type DataFolder, type FolderContents } from '@tributary/runtime';
import { ed25519PublicKey, secp256k1PublicKey } from '@tributary/proof/primitives';
import { addressFromPublicKey, didFromPublicKey, fingerprint } from '@tributary/proof/statements';

/** The keys of one node (docs/spec/identity.md). Private keys are 32 bytes each and never leave the process. */
export interface NodeKeys {
  owner: { seed: Uint8Array; publicKey: Uint8Array; did: string; fingerprint: string };
  peer: { seed: Uint8Array };
  receipt: { privateKey: Uint8Array; address: string };
  voucher: { privateKey: Uint8Array; address: string };
}

const contents: FolderContents<'owner' | 'peer' | 'receipt' | 'voucher'> = {
  keys: ['owner', 'peer', 'receipt', 'voucher'],
  holds: ['store', 'ledger', 'policies', 'identity.json', 'restored.json'],
};

/**
 * Reads the keys of a provider from `<data>/keys/`, and makes them in a new folder.
 *
 * @throws TributaryError KEY_FILE, DATA_FOLDER, FILE_DAMAGED
 */
export async function openKeys(dataDirectory: string, randomBytes: (length: number) => Uint8Array): Promise<NodeKeys> {
  const { owner, peer, receipt, voucher } = await openFolderKeys(dataDirectory, contents, randomBytes);
  const publicKey = ed25519PublicKey(owner);
  return {
    owner: { seed: owner, publicKey, did: didFromPublicKey(publicKey), fingerprint: fingerprint(publicKey) },
    peer: { seed: peer },
    receipt: { privateKey: receipt, address: addressFromPublicKey(secp256k1PublicKey(receipt)) },
    voucher: { privateKey: voucher, address: addressFromPublicKey(secp256k1PublicKey(voucher)) },
  };
}

/** A provider's data folder, held by this process. */
export interface ProviderFolder {
  readonly keys: NodeKeys;
  readonly parts: DataFolder;
  close(): Promise<void>;
}

/**
 * Opens the data folder of a provider, and makes a new one.
 *
 * @throws TributaryError STORE_LOCKED, and what {@link openKeys} throws
 */
export async function openProviderFolder(
  dataDirectory: string,
  randomBytes: (length: number) => Uint8Array,
): Promise<ProviderFolder> {
  const keys = await openKeys(dataDirectory, randomBytes);
  const parts = await openFolderParts(dataDirectory, 'store/indexes');
  return { keys, parts, close: () => parts.close() };
}
