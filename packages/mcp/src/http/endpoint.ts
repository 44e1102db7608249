import {
  createMcpHandler,
  isLegacyRequest,
  type AuthInfo,
  type McpHttpHandler,
  type McpServer,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { createMcpServer, type McpServerConfig } from '../server.ts';
import type { Toolkit } from '../toolkit.ts';
import { createSessions } from './sessions.ts';

/** One HTTP request with its caller. */
export interface McpRequest {
  /** Its `signal` fires when the caller hangs up. */
  request: Request;
  /** The body, parsed; undefined if there is none. */
  body: unknown;
  /** Who owns a session that this request begins, or must own the one that it names. */
  owner: string;
  toolkit: Toolkit;
}

/** The protocol over HTTP, in both eras (docs/spec/mcp.md#transports). */
export interface McpEndpoint {
  handle(asked: McpRequest): Promise<Response>;
  /** Ends streams on which callers only wait for news. Calls in progress go on. */
  stopListening(): void;
  close(): Promise<void>;
}

export interface McpEndpointOptions extends Omit<McpServerConfig, 'toolkitOf'> {
  now(): number;
  randomId(): string;
  onerror(error: Error): void;
}

/** The body of a request that opens a stream of news, in the era of 2026. */
const LISTEN = 'subscriptions/listen';

export function createMcpEndpoint({ now, randomId, onerror, ...config }: McpEndpointOptions): McpEndpoint {
  const makeServer = (): McpServer => createMcpServer({ ...config, toolkitOf: toolkitIn }, modern.notify);
  const modern: McpHttpHandler = createMcpHandler(makeServer, { legacy: 'reject', onerror });
  const sessions = createSessions({ makeServer, now, randomId });
  const listeners = new Set<AbortController>();
  return {
    async handle({ request, body, owner, toolkit }) {
      const options = { authInfo: asAuthInfo(owner, toolkit), ...(body === undefined ? {} : { parsedBody: body }) };
      if (await isLegacyRequest(request, body)) return sessions.handle(request, body, owner, options);
      if (!isListen(body)) return modern.fetch(request, options);
      const ending = new AbortController();
      listeners.add(ending);
      const signal = AbortSignal.any([request.signal, ending.signal]);
      signal.addEventListener('abort', () => listeners.delete(ending), { once: true });
      return modern.fetch(new Request(request, { signal }), options);
    },
    stopListening() {
      for (const ending of listeners) ending.abort();
      sessions.stopListening();
    },
    async close() {
      await modern.close();
      await sessions.close();
    },
  };
}

const isListen = (body: unknown): boolean =>
  typeof body === 'object' && body !== null && (body as { method?: unknown }).method === LISTEN;

// The library passes what it knows of a caller from the request to the tools.

const asAuthInfo = (owner: string, toolkit: Toolkit): AuthInfo => ({
  token: '',
  clientId: owner,
  scopes: [],
  extra: { toolkit },
});

function toolkitIn({ http }: ServerContext): Toolkit {
  const toolkit = http?.authInfo?.extra?.['toolkit'];
  if (toolkit === undefined) throw new Error('this call has no caller');
  return toolkit as Toolkit;
}
