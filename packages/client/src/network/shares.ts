/** The facts that decide which connection gives up its place. */
export interface Place {
  readonly peer: string;
  /** IP address of the other end. */
  readonly host: string;
  /** Dialled by this node, so it is wanted. */
  readonly outbound: boolean;
  /** When it was opened or last answered a question. Only the order counts. */
  readonly usefulAt: number;
}

export interface ShareLimits {
  /** Most connections of the node. */
  readonly total: number;
  /** Most connections of strangers from one host. */
  readonly perHost: number;
  /** Most connections of one peer. One is used; crossing dials and unnoticed broken connections make more. */
  readonly perPeer: number;
}

/**
 * Which connection gives up its place after `newest` was opened; null while there is room. A newcomer displaces the
 * least useful connection within the exceeded limit: of its own peer, then of strangers of its host, then of strangers
 * of the host that has most of them. So nobody can keep others out by holding connections, and strangers cannot
 * displace a peer that pays (`valued`) or was dialled.
 */
export function whoLeaves<P extends Place>(
  open: readonly P[],
  newest: P,
  limits: ShareLimits,
  valued: (peer: string) => boolean,
): P | null {
  const stranger = (place: Place) => !place.outbound && !valued(place.peer);
  const ofPeer = open.filter(({ peer }) => peer === newest.peer);
  if (ofPeer.length > limits.perPeer) return leastUseful(ofPeer, newest);
  const strangers = open.filter(stranger);
  const ofHost = strangers.filter(({ host }) => host === newest.host);
  if (stranger(newest) && ofHost.length > limits.perHost) return leastUseful(ofHost, newest);
  if (open.length <= limits.total) return null;
  const crowded = [...Map.groupBy(strangers, ({ host }) => host).values()].toSorted((a, b) => b.length - a.length)[0];
  return crowded ? leastUseful(crowded, newest) : leastUseful(open, newest);
}

function leastUseful<P extends Place>(places: readonly P[], newest: P): P {
  const others = places.filter((place) => place !== newest);
  return others.reduce((worst, place) => (place.usefulAt < worst.usefulAt ? place : worst), others[0] ?? newest);
}
