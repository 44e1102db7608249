import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { RelayError } from '../errors.ts';
import type { ProviderMetrics } from '../observe/provider-metrics.ts';

export interface MetricsServer {
  /** `http://127.0.0.1:PORT/metrics` */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves `GET /metrics` on loopback, for a Prometheus on the same machine. Any `Host` but loopback is refused, so that
 * a page in a browser cannot read it.
 *
 * @throws RelayError PORT_IN_USE
 */
export async function openMetricsServer(port: number, metrics: ProviderMetrics): Promise<MetricsServer> {
  const server = createServer((request, response) => {
    const host = (request.headers.host ?? '').replace(/:\d+$/, '');
    const isOurs = (host === '127.0.0.1' || host === 'localhost') && request.method === 'GET' && request.url === '/metrics';
    if (!isOurs) {
      response.writeHead(404).end();
      return;
    }
    metrics.text().then(
      (text) => response.writeHead(200, { 'content-type': metrics.contentType }).end(text),
      () => response.writeHead(500).end(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(new RelayError('PORT_IN_USE', `port ${port} for metrics cannot be opened; choose another`, { cause })),
    );
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
