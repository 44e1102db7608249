import { health, readiness } from '../schemas.ts';
import type { GatewayDeps, GatewayRoute } from '../types.ts';

/** Whether the process is alive. */
export function healthRoute(): GatewayRoute {
  return {
    method: 'GET',
    url: '/healthz',
    id: 'health',
    summary: 'Answers as long as the process does.',
    access: 'public',
    replies: { 200: { description: 'Alive.', schema: health } },
    handler: () => ({ status: 'ok' }),
  };
}

/** Whether it can answer questions. Not until a provider is known. */
export function readyRoute({ ready }: Pick<GatewayDeps, 'ready'>): GatewayRoute {
  return {
    method: 'GET',
    url: '/readyz',
    id: 'ready',
    summary: 'Says whether questions can be answered.',
    access: 'public',
    replies: {
      200: { description: 'Ready.', schema: readiness },
      503: { description: 'Not ready, and why.', schema: readiness },
    },
    handler(_request, reply) {
      const state = ready();
      void reply.code(state.ready ? 200 : 503);
      return state;
    },
  };
}
