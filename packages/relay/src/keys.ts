import { join } from 'node:path';
import { openKeyFile } from '@tributary/runtime';
import { ed25519PublicKey, secp256k1PublicKey } from '@tributary/proof/primitives';
import { addressFromPublicKey, didFromPublicKey, fingerprint } from '@tributary/proof/statements';

/** The keys of one node (docs/spec/identity.md). Private keys are 32 bytes each and never leave the process. */
export interface NodeKeys {
  owner: { seed: Uint8Array; publicKey: Uint8Array; did: string; fingerprint: string };
  peer: { seed: Uint8Array };
  receipt: { privateKey: Uint8Array; address: string };
  voucher: { privateKey: Uint8Array; address: string };
}

/**
 * Reads the node's keys from `<data>/keys/` and creates those that are missing.
 *
 * @throws TributaryError KEY_FILE when a file is damaged or others may read it
 */
export async function openKeys(dataDirectory: string, randomBytes: (length: number) => Uint8Array): Promise<NodeKeys> {
  const key = (name: string) => openKeyFile(join(dataDirectory, 'keys', `${name}.key`), randomBytes);
  const [owner, peer, receipt, voucher] = [await key('owner'), await key('peer'), await key('receipt'), await key('voucher')];
  const publicKey = ed25519PublicKey(owner);
  return {
    owner: { seed: owner, publicKey, did: didFromPublicKey(publicKey), fingerprint: fingerprint(publicKey) },
    peer: { seed: peer },
    receipt: { privateKey: receipt, address: addressFromPublicKey(secp256k1PublicKey(receipt)) },
    voucher: { privateKey: voucher, address: addressFromPublicKey(secp256k1PublicKey(voucher)) },
  };
}
