import type { NodeStats } from '@tributary/client';
import { Gauge, type Registry } from 'prom-client';

const GAUGES: readonly (readonly [keyof NodeStats, string, string])[] = [
  ['connections', 'tributary_node_connections', 'Connections to other nodes.'],
  ['strangers', 'tributary_node_stranger_connections', 'Connections opened by peers that never paid.'],
  ['heldBytes', 'tributary_node_held_bytes', 'Bytes of requests, answers and unfinished frames held for all links.'],
  ['turnedAway', 'tributary_node_handshakes_turned_away', 'Handshakes refused since the start.'],
  ['displaced', 'tributary_node_connections_displaced', 'Connections that gave up their place to another since the start.'],
];

/** Shows whether a node can write its data folder. */
export function observeFolder(registry: Registry, readOnly: boolean): void {
  const help = '1 where the data folder is on a file system that is read-only: writes and sales are refused.';
  new Gauge({ name: 'tributary_read_only', help, registers: [registry] }).set(Number(readOnly));
}

/** Shows how a node uses its connections and memory. Each value is computed when it is read. */
export function observeNode(registry: Registry, stats: () => NodeStats): void {
  for (const [member, name, help] of GAUGES) {
    const gauge: Gauge = new Gauge({ name, help, registers: [registry], collect: (): void => gauge.set(stats()[member]) });
  }
}
