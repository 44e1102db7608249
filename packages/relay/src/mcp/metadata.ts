import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { GatewayRoute } from '../gateway/types.ts';
import { baseUrl } from './base-url.ts';

const document = z.strictObject({
  resource: z.string(),
  resource_name: z.string(),
  bearer_methods_supported: z.array(z.literal('header')),
  scopes_supported: z.array(z.string()),
  resource_documentation: z.string(),
});

/**
 * Metadata of the protected resource (RFC 9728). It names no authorization server: the tokens are API keys, which the
 * owner of the gateway hands out.
 */
export function metadataRoutes(): GatewayRoute[] {
  const route = (url: string, id: string): GatewayRoute => ({
    method: 'GET',
    url,
    id,
    summary: 'How /mcp is protected.',
    access: 'public',
    replies: { 200: { description: 'The metadata of RFC 9728.', schema: document } },
    handler: (request, reply) => reply.header('access-control-allow-origin', '*').send(describe(request)),
  });
  const path = '/.well-known/oauth-protected-resource';
  return [route(path, 'mcp-metadata'), route(`${path}/mcp`, 'mcp-metadata-of-path')];
}

const describe = (request: FastifyRequest): z.output<typeof document> => ({
  resource: `${baseUrl(request)}/mcp`,
  resource_name: 'Tributary',
  bearer_methods_supported: ['header'],
  scopes_supported: ['read', 'write'],
  resource_documentation: `${baseUrl(request)}/openapi.json`,
});
