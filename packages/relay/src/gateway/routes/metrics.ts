import type { InFlight } from '../in-flight.ts';
import type { GatewayDeps, GatewayRoute } from '../types.ts';

export function metricsRoute({ metrics }: Pick<GatewayDeps, 'metrics'>, inFlight: InFlight): GatewayRoute {
  return {
    method: 'GET',
    url: '/metrics',
    id: 'metrics',
    summary: 'Metrics in the Prometheus text format.',
    access: { permission: 'admin' },
    replies: { 200: { description: 'Metrics.', mediaType: 'text/plain' } },
    async handler(_request, reply) {
      metrics.queriesInFlight.set(inFlight.size());
      void reply.type(metrics.registry.contentType);
      return metrics.registry.metrics();
    },
  };
}
