import { randomBytes, randomUUID } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  createMcpEndpoint,
  createSessionCaps,
  type Guard,
  type McpEndpoint,
  type McpExtension,
  type Toolkit,
} from '@tributary/mcp';
import { callerOf, noKeys, type Access } from '../gateway/access.ts';
import type { InFlight } from '../gateway/in-flight.ts';
import type { Dialect, GatewayDeps, GatewayRoute } from '../gateway/types.ts';
import { createCallerLibrary } from './caller-library.ts';
import { checkOrigin } from './check-origin.ts';
import { createLinks } from './links.ts';
import { metadataRoutes } from './metadata.ts';
import { mcpBodyBytesMax } from './limits.ts';
import { MCP_ERRORS, refusal, toolRefusal } from './refusal.ts';
import { readingRoute } from './reading/page.ts';
import { sessionOf } from './session-of.ts';
import { toWebRequest } from './web-request.ts';

/** What the owner of a gateway decides about agents. */
export interface McpOptions {
  /** Most credits that one session may spend; null: only the budget of the key counts. */
  sessionCap?: bigint | null;
  /** An external judge of passages. */
  guard?: Guard | null;
  /** Added to each server, for tests of the protocol. */
  extension?: McpExtension;
}

const read: Access = { permission: 'read' };

/** The Model Context Protocol at `/mcp`, and the pages that its answers link to (docs/spec/mcp.md). */
export function mcpDialect(inFlight: InFlight, deps: GatewayDeps, options: McpOptions): Dialect {
  const { sessionCap = null, guard = null, extension } = options;
  const links = createLinks(randomBytes(32), () => (deps.apiKeys ?? noKeys).needed());
  const caps = createSessionCaps(sessionCap, deps.now);
  const endpoint = createMcpEndpoint({
    writes: deps.own !== undefined,
    now: deps.now,
    randomId: randomUUID,
    onerror: (error) => deps.log.warn('mcp', { error }),
    extension,
  });
  const toolkitFor = (request: FastifyRequest, reply: FastifyReply): Toolkit => {
    const caller = callerOf(request);
    const session = caps.of(sessionOf(request, caller));
    return {
      library: createCallerLibrary(deps, inFlight, { caller, reply, session }),
      session,
      guard,
      urlOf: (id) => links.urlOf(request, id),
      refusal: (error) => toolRefusal(error, request.id, deps),
    };
  };
  return {
    routes: [...endpointRoutes(endpoint, toolkitFor), ...metadataRoutes(), readingRoute(deps, inFlight, links)],
    claims: ({ url }) => /^\/+mcp(?:[/?]|$)/.test(url),
    refusal,
    stopListening: () => endpoint.stopListening(),
    close: () => endpoint.close(),
  };
}

type ToolkitFor = (request: FastifyRequest, reply: FastifyReply) => Toolkit;

function endpointRoutes(endpoint: McpEndpoint, toolkitFor: ToolkitFor): GatewayRoute[] {
  const handler = async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    checkOrigin(request);
    // Fastify answers HEAD where there is a GET; the protocol has no such method.
    if (request.method === 'HEAD') return reply.code(405).header('allow', 'GET, POST, DELETE').send();
    const response = await endpoint.handle({
      request: toWebRequest(request, reply),
      body: request.body ?? undefined,
      owner: callerOf(request).key ?? '',
      toolkit: toolkitFor(request, reply),
    });
    return reply.send(response);
  };
  const route = (method: 'GET' | 'POST' | 'DELETE', summary: string): GatewayRoute => ({
    method,
    url: '/mcp',
    id: `mcp-${method.toLowerCase()}`,
    summary,
    access: read,
    handler,
    ...(method === 'POST' ? { bodyBytesMax: mcpBodyBytesMax } : {}),
    errors: MCP_ERRORS,
    replies: STATUSES,
  });
  return [
    route('POST', 'One message of the Model Context Protocol.'),
    route('GET', 'News of a session of a client of 2025.'),
    route('DELETE', 'Ends such a session.'),
  ];
}

/** Statuses that the protocol itself uses. */
const STATUSES: GatewayRoute['replies'] = Object.fromEntries(
  Object.entries({
    200: 'The answer, as JSON or as a stream of events.',
    202: 'Taken; there is no answer.',
    400: 'Not a message of a version that is spoken here.',
    403: 'Refused.',
    404: 'There is no such session, or no such method.',
    405: 'This version of the protocol has no such method.',
    406: 'The caller does not accept what would be sent.',
    409: 'The session has such a stream already.',
    413: 'Too long.',
    415: 'Not JSON.',
    503: 'Closing, or too busy.',
  }).map(([status, description]) => [status, { description, mediaType: 'application/json' }]),
);
