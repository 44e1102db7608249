import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/**
 * Metrics of one node, in a registry of its own, so that several nodes fit in one process. The values of labels are
 * closed sets.
 */
export interface Metrics {
  readonly registry: Registry;
  /** Finished HTTP requests, by route pattern and status. */
  readonly requests: Counter<'route' | 'status'>;
  /** Time from the request to the end of the response, in seconds. */
  readonly requestSeconds: Histogram<'route'>;
  /** Error responses, by code. */
  readonly errors: Counter<'code'>;
  readonly queriesInFlight: Gauge;
  /** Proofs that reached the disk, and proofs that were dropped. */
  readonly proofs: Counter<'outcome'>;
  /** Texts whose vectors were bought. */
  readonly textsBought: Counter;
  /** Bought vectors that were computed again: `same`, or `other`: then their provider is left. */
  readonly vectorsChecked: Counter<'outcome'>;
}

// From a cached answer on the same machine to the longest wait of a query.
const SECONDS = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 15];

export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const memory: Gauge = new Gauge({
    name: 'process_resident_memory_bytes',
    help: 'Memory of the process.',
    registers,
    collect: (): void => memory.set(process.memoryUsage.rss()),
  });
  return {
    registry,
    requests: new Counter({
      name: 'tributary_gateway_requests_total',
      help: 'HTTP requests finished.',
      labelNames: ['route', 'status'],
      registers,
    }),
    requestSeconds: new Histogram({
      name: 'tributary_gateway_request_seconds',
      help: 'Seconds from the request to the end of the response.',
      labelNames: ['route'],
      buckets: SECONDS,
      registers,
    }),
    errors: new Counter({
      name: 'tributary_gateway_errors_total',
      help: 'Error replies by code.',
      labelNames: ['code'],
      registers,
    }),
    queriesInFlight: new Gauge({ name: 'tributary_gateway_queries_in_flight', help: 'Queries now being answered.', registers }),
    proofs: new Counter({
      name: 'tributary_gateway_proofs_total',
      help: 'Proofs stored or dropped.',
      labelNames: ['outcome'],
      registers,
    }),
    textsBought: new Counter({
      name: 'tributary_gateway_texts_bought_total',
      help: 'Texts whose vectors were bought.',
      registers,
    }),
    vectorsChecked: new Counter({
      name: 'tributary_gateway_vectors_checked_total',
      help: 'Bought vectors that were computed again; other: the provider gave another one, and is left.',
      labelNames: ['outcome'],
      registers,
    }),
  };
}
