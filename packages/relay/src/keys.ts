import { link, mkdir, open, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { addressFromPublicKey, didFromPublicKey, ed25519PublicKey, fingerprint, secp256k1PublicKey } from '@tributary/proof';
import { RelayError } from './errors.ts';

/** The keys of one node (docs/spec/identity.md). Private halves are 32 bytes each and never leave the process. */
export interface NodeKeys {
  owner: { seed: Uint8Array; publicKey: Uint8Array; did: string; fingerprint: string };
  peer: { seed: Uint8Array };
  receipt: { privateKey: Uint8Array; address: string };
  voucher: { privateKey: Uint8Array; address: string };
}

const HEX_LINE = /^[0-9a-f]{64}\n$/;

/**
 * Reads the node's keys, making those that are missing. Each file holds 64 hex digits and is readable by its owner only.
 *
 * @throws RelayError KEY_FILE when a file is damaged or others may read it
 */
export async function openKeys(dataDirectory: string, randomBytes: (length: number) => Uint8Array): Promise<NodeKeys> {
  const directory = join(dataDirectory, 'keys');
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const key = (name: string) => openKey(join(directory, `${name}.key`), randomBytes);
  const [owner, peer, receipt, voucher] = [await key('owner'), await key('peer'), await key('receipt'), await key('voucher')];
  const publicKey = ed25519PublicKey(owner);
  return {
    owner: { seed: owner, publicKey, did: didFromPublicKey(publicKey), fingerprint: fingerprint(publicKey) },
    peer: { seed: peer },
    receipt: { privateKey: receipt, address: addressFromPublicKey(secp256k1PublicKey(receipt)) },
    voucher: { privateKey: voucher, address: addressFromPublicKey(secp256k1PublicKey(voucher)) },
  };
}

async function openKey(path: string, randomBytes: (length: number) => Uint8Array): Promise<Uint8Array> {
  const text = await readFile(path, 'latin1').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw new RelayError('KEY_FILE', `the key file ${path} cannot be read: ${error.message}`, { cause: error });
  });
  if (text === null) return createKey(path, randomBytes);
  if (!HEX_LINE.test(text)) throw new RelayError('KEY_FILE', `the key file ${path} is damaged: it must hold 64 hex digits and a newline; restore it from a backup`);
  const { mode } = await stat(path);
  if ((mode & 0o077) !== 0) throw new RelayError('KEY_FILE', `others may read the key file ${path}; run: chmod 600 ${path}`);
  return Buffer.from(text.trim(), 'hex');
}

/** The file appears whole or not at all: a key that is used must be the key that a restart finds. */
async function createKey(path: string, randomBytes: (length: number) => Uint8Array): Promise<Uint8Array> {
  const secret = randomBytes(32);
  const draft = `${path}.${process.pid}.new`;
  const file = await open(draft, 'w', 0o600);
  try {
    await file.writeFile(`${Buffer.from(secret).toString('hex')}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await link(draft, path); // fails if another process was first: then its key counts
  await rm(draft);
  return secret;
}
