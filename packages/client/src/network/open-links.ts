import type { Link } from '../link/types.ts';

/** The links of a node, by peer. */
export interface OpenLinks {
  /** Keeps a link until it closes. */
  add(link: Link): void;
  /** An open link of this peer. */
  open(peer: string): Link | undefined;
  /** An open link for each peer that has one. */
  onePerPeer(): Link[];
  all(): Link[];
}

export function createOpenLinks(): OpenLinks {
  const links = new Map<string, Set<Link>>();
  const open = (peer: string) => [...(links.get(peer) ?? [])].find((link) => link.isOpen);
  return {
    add(link) {
      const ofPeer = links.get(link.peer) ?? new Set<Link>();
      links.set(link.peer, ofPeer.add(link));
      void link.closed.then(() => {
        ofPeer.delete(link);
        if (ofPeer.size === 0 && links.get(link.peer) === ofPeer) links.delete(link.peer);
      });
    },
    open,
    onePerPeer: () => [...links.keys()].map(open).filter((link) => link !== undefined),
    all: () => [...links.values()].flatMap((ofPeer) => [...ofPeer]),
  };
}
