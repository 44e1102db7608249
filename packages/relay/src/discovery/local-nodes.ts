import type { Parts } from '../parts.ts';
import { enterRendezvous, readRendezvous } from './rendezvous.ts';

/** Announces the node to the other nodes of this machine until it closes. Does nothing without a folder. */
export async function enterLocalNodes(
  directory: string | null,
  node: { readonly peerId: string; addresses(): string[] },
  parts: Parts,
): Promise<void> {
  if (directory === null) return;
  const entry = { peerId: node.peerId, addresses: node.addresses(), pid: process.pid };
  parts.onClose('rendezvous', await enterRendezvous(directory, entry));
}

/** Addresses of the other nodes of this machine; empty without a folder. */
export async function localAddresses(directory: string | null, ownPeerId: string): Promise<string[]> {
  return directory === null ? [] : (await readRendezvous(directory, ownPeerId)).flatMap(({ addresses }) => addresses);
}
