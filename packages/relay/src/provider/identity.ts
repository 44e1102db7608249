import { readFile } from 'node:fs/promises';
import { replaceFile } from '@tributary/runtime';
import { readIdentity, signIdentity } from '@tributary/proof/statements';
import { checkShape, signedIdentity, type ProviderIdentity, type SignedIdentity } from '@tributary/schemas';
import type { NodeKeys } from '../keys.ts';
import { identityLifetimeMs } from './limits.ts';

interface IdentityStatement {
  signed: SignedIdentity;
  identity: ProviderIdentity;
  hash: string;
}

/** The provider's identity statement, on disk. */
export interface OwnIdentity {
  current(): IdentityStatement;
  /** True for a statement that was made while the clock was ahead: peers refuse it. */
  isAhead(): boolean;
  /** Makes a new statement when the present one is in the second half of its life. To be called at intervals. */
  renew(): Promise<void>;
}

export interface IdentityOptions {
  path: string;
  keys: NodeKeys;
  peerId: string;
  /** Unix milliseconds. */
  now(): number;
  /** True: always make a new statement, with a higher sequence than any other copy of these keys can have. */
  anew: boolean;
  /** A new statement is in memory only: the next start makes another, with a higher sequence. */
  readOnly: boolean;
}

/**
 * Opens the identity: the statement on disk if it ties the same keys together and is in the first half of its life,
 * otherwise a new one. The sequence is the clock in seconds and never goes back. So a new statement replaces a file
 * that was lost or that is older than what clients have seen.
 */
export async function openIdentity(options: IdentityOptions): Promise<OwnIdentity> {
  const kept = await readKept(options.path);
  let current = kept !== null && !options.anew && isCurrent(kept.identity, options) ? kept : await make(options, kept);
  return {
    current: () => current,
    isAhead: () => current.identity.issued > options.now(),
    renew: async () => {
      if (!isCurrent(current.identity, options)) current = await make(options, current);
    },
  };
}

async function make(
  { path, keys, peerId, now, readOnly }: IdentityOptions,
  before: IdentityStatement | null,
): Promise<IdentityStatement> {
  const issued = now();
  const identity: ProviderIdentity = {
    v: 1,
    type: 'tributary/identity',
    did: keys.owner.did,
    peerId,
    receiptSigner: keys.receipt.address,
    payee: keys.receipt.address,
    sequence: Math.max((before?.identity.sequence ?? 0) + 1, Math.floor(issued / 1_000)),
    issued,
    expiry: issued + identityLifetimeMs,
  };
  const { signed, hash } = signIdentity(identity, { owner: keys.owner.seed, payee: keys.receipt.privateKey });
  if (!readOnly) await replaceFile(path, JSON.stringify(signed));
  return { signed, identity, hash };
}

/** A file that cannot be read or verified is no loss. A new statement replaces it. */
async function readKept(path: string): Promise<IdentityStatement | null> {
  try {
    const signed = checkShape(signedIdentity, JSON.parse(await readFile(path, 'utf8')), 'identity file');
    return { signed, ...readIdentity(signed) };
  } catch {
    return null;
  }
}

function isCurrent(identity: ProviderIdentity, { keys, peerId, now }: IdentityOptions): boolean {
  const same = identity.did === keys.owner.did && identity.peerId === peerId && identity.receiptSigner === keys.receipt.address;
  return same && identity.issued <= now() && identity.expiry - now() > identityLifetimeMs / 2;
}
