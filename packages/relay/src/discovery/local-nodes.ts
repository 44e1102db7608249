import { isReadOnly } from '@tributary/runtime';
import type { Parts } from '../parts.ts';
import { enterRendezvous, readRendezvous } from './rendezvous.ts';

/**
 * Announces the node to the other nodes of this machine until it closes. Does nothing without a folder, or where it
 * cannot be written.
 */
export async function enterLocalNodes(
  directory: string | null,
  node: { readonly peerId: string; addresses(): string[] },
  parts: Parts,
): Promise<void> {
  if (directory === null) return;
  const entry = { peerId: node.peerId, addresses: node.addresses(), pid: process.pid };
  const leave = await enterRendezvous(directory, entry).catch((error: unknown) => {
    if (isReadOnly(error)) return null;
    throw error;
  });
  if (leave !== null) parts.onClose('rendezvous', leave);
}

/** Addresses of the other nodes of this machine; empty without a folder. */
export async function localAddresses(directory: string | null, ownPeerId: string): Promise<string[]> {
  return directory === null ? [] : (await readRendezvous(directory, ownPeerId)).flatMap(({ addresses }) => addresses);
}
