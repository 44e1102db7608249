import { readFile } from 'node:fs/promises';
import { readIdentity, signIdentity } from '@tributary/proof';
import { checkShape, signedIdentity, type ProviderIdentity, type SignedIdentity } from '@tributary/schemas';
import { replaceFile } from '@tributary/store';
import type { NodeKeys } from '../keys.ts';
import { identityLifetimeMs } from './limits.ts';

export interface OwnIdentity {
  signed: SignedIdentity;
  identity: ProviderIdentity;
  hash: string;
}

/**
 * The provider's identity statement: the one on disk while it ties the same keys together and is in the first half of its life, else a
 * new one with a higher sequence.
 */
export async function openIdentity(path: string, keys: NodeKeys, peerId: string, now: number): Promise<OwnIdentity> {
  const before = await readKept(path);
  if (before && isCurrent(before.identity, keys, peerId, now)) return before;
  const identity: ProviderIdentity = {
    v: 1,
    type: 'tributary/identity',
    did: keys.owner.did,
    peerId,
    receiptSigner: keys.receipt.address,
    payee: keys.receipt.address,
    sequence: (before?.identity.sequence ?? 0) + 1,
    issued: now,
    expiry: now + identityLifetimeMs,
  };
  const { signed, hash } = signIdentity(identity, { owner: keys.owner.seed, payee: keys.receipt.privateKey });
  await replaceFile(path, JSON.stringify(signed));
  return { signed, identity, hash };
}

/** A file that cannot be read or verified is no loss: a new statement replaces it. */
async function readKept(path: string): Promise<OwnIdentity | null> {
  try {
    const signed = checkShape(signedIdentity, JSON.parse(await readFile(path, 'utf8')), 'identity file');
    return { signed, ...readIdentity(signed) };
  } catch {
    return null;
  }
}

function isCurrent(identity: ProviderIdentity, keys: NodeKeys, peerId: string, now: number): boolean {
  const same = identity.did === keys.owner.did && identity.peerId === peerId && identity.receiptSigner === keys.receipt.address;
  return same && identity.issued <= now && identity.expiry - now > identityLifetimeMs / 2;
}
