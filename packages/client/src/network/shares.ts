/** A connection as its worth is judged. */
export interface Place {
  readonly peer: string;
  /** IP address of the other end. */
  readonly host: string;
  /** Dialled by this node: it is wanted. */
  readonly outbound: boolean;
  /** When it was opened or answered a question last; only the order counts. */
  readonly usefulAt: number;
}

export interface ShareLimits {
  /** All connections of the node. */
  readonly total: number;
  /** Connections of strangers from one host. */
  readonly perHost: number;
  /** Connections of one peer: one is used, crossing dials and a broken one that nobody has noticed make more. */
  readonly perPeer: number;
}

/**
 * Which connection gives up its place after `newest` was opened; null while there is room. A newcomer takes the place
 * of the least useful of those it shares a bound with: its own peer, then strangers of its host, then strangers of the
 * host that has most of them. So nobody can keep others out by holding connections, and whoever pays (`valued`) or was
 * dialled is out of a stranger's reach.
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
